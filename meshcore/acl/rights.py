"""What somebody may do and why: all rules that come together, each with where it comes from.

The authorizer decides; this is for people who ask which rule it was. Both read the same rules, and
a test holds them to the same answers.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Literal

import msgspec
from msgspec.structs import replace

from meshcore.acl.authorizer import ANY, merged
from meshcore.acl.identities import rules_of_node, rules_of_service, rules_of_template
from meshcore.acl.parsing import parse
from meshcore.acl.resolution import is_for
from meshcore.acl.rules import Access, Rule, RuleKind, Rules
from meshcore.acl.types import Role, Token
from meshcore.acl.view import Acl

SourceKind = Literal["policy", "service identity", "node identity", "templated policy"]
Place = tuple[RuleKind, str, bool]  # the segment, and whether it is a prefix


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What says a rule; `role` is by way of which it is held, empty for a link of its own."""

    kind: SourceKind
    name: str
    policy_id: str = ""
    role: str = ""
    role_id: str = ""


class Given(msgspec.Struct, frozen=True):
    source: Source
    rules: Rules


class Said(msgspec.Struct, frozen=True):
    source: Source
    access: Access


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """One rule after merging; an implied one follows from a rule of another kind."""

    rule: Rule
    sources: tuple[Source, ...]
    overruled: tuple[Said, ...] = ()  # what others say of the same, without effect
    implied_by: RuleKind | None = None


class Answer(msgspec.Struct, frozen=True):
    """`right` is the one that decided, None where the default did."""

    is_allowed: bool
    right: Right | None


def given_to(linked: Token | Role, acl: Acl, *, datacenter: str) -> Iterator[Given]:
    """Yield every link that grants something here, once for each way on which it is held."""
    yield from _links(linked, acl, datacenter=datacenter)
    for role in acl.roles_of(linked) if isinstance(linked, Token) else ():
        for each in _links(role, acl, datacenter=datacenter):
            yield Given(replace(each.source, role=role.name, role_id=role.id), each.rules)


def _links(linked: Token | Role, acl: Acl, *, datacenter: str) -> Iterator[Given]:
    for policy_id in linked.policies:
        policy = acl.policy(policy_id)
        if policy is not None and is_for(policy.datacenters, datacenter):
            source = Source(kind="policy", name=policy.name, policy_id=policy_id)
            yield Given(source, parse(policy.rules))
    for service in linked.service_identities:
        if is_for(service.datacenters, datacenter):
            source = Source(kind="service identity", name=service.service)
            yield Given(source, rules_of_service(service.service))
    for node in linked.node_identities:
        if node.datacenter == datacenter:
            yield Given(Source(kind="node identity", name=node.node), rules_of_node(node.node))
    for link in linked.templated_policies:
        if is_for(link.datacenters, datacenter):
            name = f"{link.template} for {link.name}" if link.name else link.template
            source = Source(kind="templated policy", name=name)
            yield Given(source, rules_of_template(link.template, link.name))


def rights(given: Iterable[Given]) -> tuple[Right, ...]:
    """By kind, and within a kind by segment."""
    said: dict[Place, list[Said]] = {}
    for each in given:
        for rule in each.rules:
            place = rule.kind, rule.segment, rule.is_prefix
            said.setdefault(place, []).append(Said(each.source, rule.access))
    found = {place: _merged(place, sayings) for place, sayings in said.items()}
    for right in (*_of_intentions(found), *_of_operator(found)):
        found[_place(right.rule)] = right
    return tuple(right for _, right in sorted(found.items()))


def _merged(place: Place, sayings: list[Said]) -> Right:
    kind, segment, is_prefix = place
    access = reduce(merged, (each.access for each in sayings))
    agreeing = (each.source for each in sayings if each.access is access)
    return Right(
        rule=Rule(kind, access, segment, is_prefix),
        sources=tuple(dict.fromkeys(agreeing)),
        overruled=tuple(dict.fromkeys(each for each in sayings if each.access is not access)),
    )


def _of_intentions(found: dict[Place, Right]) -> Iterator[Right]:
    for (kind, segment, is_prefix), right in found.items():
        if kind is RuleKind.SERVICE and (RuleKind.INTENTION, segment, is_prefix) not in found:
            access = min(right.rule.access, Access.READ)
            rule = Rule(RuleKind.INTENTION, access, segment, is_prefix)
            yield Right(rule=rule, sources=right.sources, implied_by=kind)


def _of_operator(found: dict[Place, Right]) -> Iterator[Right]:
    operator = found.get((RuleKind.OPERATOR, "", True))
    for kind in (RuleKind.MESH, RuleKind.PEERING) if operator else ():
        if (kind, "", True) not in found:
            assert operator is not None
            rule = replace(operator.rule, kind=kind)
            yield Right(rule=rule, sources=operator.sources, implied_by=RuleKind.OPERATOR)


def _place(rule: Rule) -> Place:
    return rule.kind, rule.segment, rule.is_prefix


def decided(
    held: Iterable[Right], kind: RuleKind, access: Access, segment: str, *, default_allow: bool
) -> Answer:
    """Answer as the authorizer does, and name the right that it is because of."""
    of_kind = [right for right in held if right.rule.kind is kind]
    if kind is RuleKind.INTENTION and segment == ANY:
        right = _deciding_all(of_kind, access)
    else:
        right = _most_exact(of_kind, segment)
    if right is None:
        return Answer(default_allow and kind is not RuleKind.ACL, None)
    return Answer(right.rule.access >= access, right)


def _most_exact(of_kind: list[Right], segment: str) -> Right | None:
    exact = next(
        (each for each in of_kind if not each.rule.is_prefix and each.rule.segment == segment), None
    )
    prefixes = (
        each for each in of_kind if each.rule.is_prefix and segment.startswith(each.rule.segment)
    )
    return exact or max(prefixes, key=lambda each: len(each.rule.segment), default=None)


def _deciding_all(of_kind: list[Right], access: Access) -> Right | None:
    """To write what is about every service takes all of them, to read it any."""
    if not of_kind:
        return None
    if access is Access.WRITE:
        weakest = min(of_kind, key=lambda each: each.rule.access)
        if weakest.rule.access < access:
            return weakest
    else:
        strongest = max(of_kind, key=lambda each: each.rule.access)
        if strongest.rule.access >= access:
            return strongest
    return next((each for each in of_kind if each.rule.is_prefix and not each.rule.segment), None)
