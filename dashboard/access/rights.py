"""Rights as a page shows them, and the question "may it do X on Y?" with its answer."""

from collections.abc import Iterable, Sequence

import msgspec

from dashboard.access import paths
from dashboard.params import Params
from meshcore.acl.rights import Answer, Right, Source, decided
from meshcore.acl.rules import FIELDS, UNSEGMENTED, Access, Rule, RuleKind
from meshcore.lib.errors import InvalidError

KINDS = tuple(str(kind) for kind in RuleKind)
ACCESSES = tuple(access.word for access in Access if access is not Access.DENY)


class SourceShown(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    name: str
    path: str
    role: str = ""
    role_path: str = ""
    says: str = ""  # of one that is overruled


class RightShown(msgspec.Struct, frozen=True, kw_only=True):
    """`key` tells it from all others on the page."""

    key: str
    scope: str
    segment: str
    access: str
    verdict: str
    sources: tuple[SourceShown, ...]
    overruled: tuple[SourceShown, ...]
    implied_by: str
    is_deciding: bool


class KindShown(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    rights: tuple[RightShown, ...]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Empty until one is asked."""

    kind: str = ""
    access: str = ""
    segment: str = ""
    answer: Answer | None = None
    sentence: str = ""
    problem: str = ""

    @property
    def verdict(self) -> str:
        if self.answer is None:
            return ""
        word = "allow" if self.answer.is_allowed else "deny"
        return word if self.answer.right else f"default-{word}"


def by_kind(held: Iterable[Right], question: Question) -> list[KindShown]:
    groups: dict[str, list[RightShown]] = {}
    deciding = question.answer.right if question.answer else None
    for right in held:
        shown = right_shown(right, is_deciding=right == deciding)
        groups.setdefault(str(right.rule.kind), []).append(shown)
    return [KindShown(kind=kind, rights=tuple(rights)) for kind, rights in groups.items()]


def right_shown(right: Right, *, is_deciding: bool) -> RightShown:
    rule = right.rule
    return RightShown(
        key=f"{rule.kind}-{'prefix' if rule.is_prefix else 'exact'}-{rule.segment}",
        scope=scope(rule),
        segment=rule.segment,
        access=rule.access.word,
        verdict="deny" if rule.access is Access.DENY else "allow",
        sources=tuple(source_shown(source) for source in right.sources),
        overruled=tuple(source_shown(each.source, each.access) for each in right.overruled),
        implied_by=str(right.implied_by or ""),
        is_deciding=is_deciding,
    )


def scope(rule: Rule) -> str:
    """What stands before the segment."""
    if not rule.is_prefix:
        return ""
    return "begins with" if rule.segment else "all"


def source_shown(source: Source, access: Access | None = None) -> SourceShown:
    path = paths.of("policies", source.policy_id) if source.policy_id else ""
    return SourceShown(
        kind=source.kind,
        name=source.name,
        path=path,
        role=source.role,
        role_path=paths.of("roles", source.role_id) if source.role_id else "",
        says=access.word if access is not None else "",
    )


def asked(params: Params, held: Sequence[Right], *, default_allow: bool) -> Question:
    """The question that stands in the parameters `kind`, `access` and `segment`."""
    kind, access = params.get("kind"), params.get("access", "read")
    segment = params.get("segment").strip()
    if not kind:
        return Question()
    question = Question(kind=kind, access=access, segment=segment)
    try:
        rule = asked_rule(kind, access, segment)
    except InvalidError as error:
        return msgspec.structs.replace(question, problem=str(error))
    answer = decided(held, rule.kind, rule.access, rule.segment, default_allow=default_allow)
    return msgspec.structs.replace(
        question, answer=answer, sentence=sentence(rule, answer, default_allow=default_allow)
    )


def asked_rule(kind_word: str, access_word: str, segment: str) -> Rule:
    """Raise InvalidError for a question that has no sense."""
    kind = next((each for each in RuleKind if str(each) == kind_word), None)
    access = next((each for each in Access if each.word == access_word), None)
    if kind is None:
        raise InvalidError(f'"{kind_word}" is no kind of rule: {", ".join(KINDS)}')
    if access is None or access is Access.DENY:
        raise InvalidError(f'"{access_word}" is no access: {", ".join(ACCESSES)}')
    if access is Access.LIST and kind is not RuleKind.KEY:
        raise InvalidError(f"list is an access of keys alone, not of {kind}")
    if kind in UNSEGMENTED:
        return Rule(kind, access)
    if not segment:
        raise InvalidError(f"which {kind}? Its name is missing")
    return Rule(kind, access, segment, is_prefix=False)


def sentence(rule: Rule, answer: Answer, *, default_allow: bool) -> str:
    what = f"{rule.access.word} {rule.kind}" + (f" {rule.segment}" if rule.segment else "")
    verdict = "may" if answer.is_allowed else "may not"
    if answer.right is None:
        default = "allow" if default_allow and rule.kind is not RuleKind.ACL else "deny"
        return f"It {verdict} {what}: no rule covers it, and the default is to {default}."
    return f"It {verdict} {what}: {because(answer.right)}."


def because(right: Right) -> str:
    rule = right.rule
    sources = " and ".join(dict.fromkeys(said_by(source) for source in right.sources))
    kind = right.implied_by or rule.kind
    which = f"{kind}_prefix" if rule.is_prefix and kind in FIELDS else str(kind)
    segment = f' "{rule.segment}"' if kind in FIELDS or rule.segment else ""
    if right.implied_by:
        return f"{which}{segment} in {sources} implies {rule.access.word} of {rule.kind}"
    return f"{which}{segment} is {rule.access.word} in {sources}"


def said_by(source: Source) -> str:
    by = f", by role {source.role}" if source.role else ""
    return f"{source.kind} {source.name}{by}"


def context(held: Sequence[Right], params: Params, *, default_allow: bool) -> dict[str, object]:
    """What rights.html and question.html are filled with."""
    question = asked(params, held, default_allow=default_allow)
    return {
        "kinds": by_kind(held, question),
        "question": question,
        "kind_choices": KINDS,
        "access_choices": ACCESSES,
        "default_word": "allow" if default_allow else "deny",
    }
