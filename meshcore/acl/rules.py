"""What a rule grants: a kind of thing, which of them by name or by prefix, and how much."""

from collections.abc import Iterable
from enum import IntEnum, StrEnum

import msgspec


class RuleKind(StrEnum):
    ACL = "acl"
    AGENT = "agent"
    EVENT = "event"
    IDENTITY = "identity"
    INTENTION = "intention"  # written as `intentions` within a service's rule
    KEY = "key"
    KEYRING = "keyring"
    MESH = "mesh"
    NODE = "node"
    OPERATOR = "operator"
    PEERING = "peering"
    QUERY = "query"
    SERVICE = "service"
    SESSION = "session"


class Access(IntEnum):
    """Each grants what those below it grant; `list` is keys' alone."""

    DENY = 0
    READ = 1
    LIST = 2
    WRITE = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Rule(msgspec.Struct, frozen=True):
    """A kind that has no segments is a prefix rule for "": it holds whatever is asked."""

    kind: RuleKind
    access: Access
    segment: str = ""
    is_prefix: bool = True


Rules = tuple[Rule, ...]

UNSEGMENTED = (
    RuleKind.ACL,
    RuleKind.KEYRING,
    RuleKind.MESH,
    RuleKind.OPERATOR,
    RuleKind.PEERING,
)
SEGMENTED = tuple(
    kind for kind in RuleKind if kind not in UNSEGMENTED and kind is not RuleKind.INTENTION
)

READ_OR_WRITE = (Access.DENY, Access.READ, Access.WRITE)
# The fields of a rule's block, and what each may be set to.
FIELDS: dict[RuleKind, dict[str, tuple[Access, ...]]] = {
    kind: {"policy": READ_OR_WRITE} for kind in SEGMENTED
}
FIELDS[RuleKind.KEY] = {"policy": tuple(Access)}
FIELDS[RuleKind.SERVICE] = {"policy": READ_OR_WRITE, "intentions": READ_OR_WRITE}


def exactly(kind: RuleKind, segment: str, access: Access) -> Rule:
    return Rule(kind, access, segment, is_prefix=False)


def everywhere(kind: RuleKind, access: Access) -> Rule:
    return Rule(kind, access)


def over_everything(access: Access) -> Rules:
    """Rules for each kind there is, intentions included."""
    return tuple(everywhere(kind, access) for kind in RuleKind)


def rendered(rules: Iterable[Rule]) -> str:
    """Write the rules as HCL; an intention's rule stands in the rule of its service."""
    given = tuple(rules)
    intentions = {
        (rule.segment, rule.is_prefix): rule for rule in given if rule.kind is RuleKind.INTENTION
    }
    lines = []
    for rule in given:
        if rule.kind in UNSEGMENTED:
            lines.append(f'{rule.kind} = "{rule.access.word}"')
        elif rule.kind in SEGMENTED:
            suffix = "_prefix" if rule.is_prefix else ""
            lines += [
                f'{rule.kind}{suffix} "{rule.segment}" {{',
                f'  policy = "{rule.access.word}"',
            ]
            intention = intentions.get((rule.segment, rule.is_prefix))
            if rule.kind is RuleKind.SERVICE and intention:
                lines.append(f'  intentions = "{intention.access.word}"')
            lines.append("}")
    return "".join(f"{line}\n" for line in lines)
