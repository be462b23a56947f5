"""Verdicts, compiled from the rules of all the policies that somebody has.

Within a kind the rule that names the segment exactly decides, else the one with the longest prefix
of it, else the default. The prefixes are kept sorted, each with the longest other one that it
extends. Of "", "api", "api/v1" and "db", which one covers "api/v2"?

    the last prefix that sorts at or before "api/v2"    "api/v1"
    it is no prefix of it, so what it extends           "api"      covers it

Every prefix of a segment is also a prefix of whatever sorts between the two, so none is missed.
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import chain

import msgspec

from meshcore.acl.rules import Access, Rule, RuleKind, over_everything

ANY = "*"  # as an intention's source or destination
NONE = -1

Table = dict[str, Access]


class Segments(msgspec.Struct, frozen=True):
    """The rules of one kind; `extended` says for each prefix where the one it extends stands."""

    exact: Table
    prefixes: list[str]
    accesses: list[Access]
    extended: list[int]

    def granted(self, segment: str) -> Access | None:
        access = self.exact.get(segment)
        return self.granted_by_prefix(segment) if access is None else access

    def granted_by_prefix(self, segment: str) -> Access | None:
        position = bisect_right(self.prefixes, segment) - 1
        while position != NONE:
            if segment.startswith(self.prefixes[position]):
                return self.accesses[position]
            position = self.extended[position]
        return None

    def all_grant(self, access: Access) -> bool | None:
        """Tell whether nothing takes it away again from whoever has it everywhere."""
        rules = (*self.exact.values(), *self.accesses)
        if min(rules) < access:
            return False
        return True if self._has_catch_all else None

    def any_grants(self, access: Access) -> bool | None:
        if max((*self.exact.values(), *self.accesses)) >= access:
            return True
        return False if self._has_catch_all else None

    @property
    def _has_catch_all(self) -> bool:
        return bool(self.prefixes) and self.prefixes[0] == ""


class Authorizer(msgspec.Struct, frozen=True, eq=False):
    """What one set of policies allows; `default_allow` is for what none of its rules covers.

    It is compared by identity: whoever keeps what depends on it has it as a key.
    """

    default_allow: bool
    kinds: dict[RuleKind, Segments]

    def allows(self, kind: RuleKind, access: Access, segment: str = "") -> bool:
        """A kind without segments does not look at it; an intention's is its destination."""
        segments = self.kinds.get(kind)
        if segments is None:
            return self._default(kind)
        if kind is RuleKind.INTENTION and segment == ANY:
            return self._allows_wildcard(access)
        granted = segments.granted(segment)
        return self._default(kind) if granted is None else granted >= access

    def allows_all(self, kind: RuleKind, access: Access) -> bool:
        """Tell whether it is granted on every segment that there may ever be."""
        segments = self.kinds.get(kind)
        return self._decided(kind, segments.all_grant(access) if segments else None)

    def allows_any(self, kind: RuleKind, access: Access) -> bool:
        """Tell whether it is granted on some segment."""
        segments = self.kinds.get(kind)
        return self._decided(kind, segments.any_grants(access) if segments else None)

    def allows_key_prefix(self, prefix: str) -> bool:
        """Tell whether every key under the prefix may be written, as deleting them all needs."""
        segments = self.kinds.get(RuleKind.KEY)
        if segments is None:
            return self.default_allow
        by_prefix = zip(segments.prefixes, segments.accesses, strict=True)
        for segment, access in chain(segments.exact.items(), by_prefix):
            if access < Access.WRITE and segment.startswith(prefix):
                return False
        granted = segments.granted_by_prefix(prefix)
        return self.default_allow if granted is None else granted >= Access.WRITE

    def _allows_wildcard(self, access: Access) -> bool:
        """An intention about every service: to read it one of them will do, to write it all."""
        if access is Access.WRITE:
            return self.allows_all(RuleKind.INTENTION, access)
        return self.allows_any(RuleKind.INTENTION, access)

    def _decided(self, kind: RuleKind, verdict: bool | None) -> bool:  # noqa: FBT001 what the rules say
        return self._default(kind) if verdict is None else verdict

    def _default(self, kind: RuleKind) -> bool:
        # Whoever may write ACLs may do everything: no default gives that away.
        return self.default_allow and kind is not RuleKind.ACL


def compiled(policies: Iterable[Iterable[Rule]], *, default_allow: bool) -> Authorizer:
    exact: dict[RuleKind, Table] = {}
    prefixes: dict[RuleKind, Table] = {}
    for rules in policies:
        for rule in rules:
            table = (prefixes if rule.is_prefix else exact).setdefault(rule.kind, {})
            before = table.get(rule.segment)
            table[rule.segment] = rule.access if before is None else merged(before, rule.access)
    for tables in (exact, prefixes):
        imply_intentions(tables)
    kinds = {
        kind: _segments(exact.get(kind, {}), prefixes.get(kind, {})) for kind in exact | prefixes
    }
    operator = kinds.get(RuleKind.OPERATOR)
    if operator is not None:
        kinds = {RuleKind.MESH: operator, RuleKind.PEERING: operator} | kinds
    return Authorizer(default_allow, kinds)


def merged(one: Access, other: Access) -> Access:
    """Two policies about the same segment: a denial wins, else who grants more."""
    return Access.DENY if Access.DENY in (one, other) else max(one, other)


def imply_intentions(tables: dict[RuleKind, Table]) -> None:
    """Who may see a service may see who may call it, unless a rule says otherwise."""
    for segment, access in tables.get(RuleKind.SERVICE, {}).items():
        implied = min(access, Access.READ)
        tables.setdefault(RuleKind.INTENTION, {}).setdefault(segment, implied)


def _segments(exact: Table, by_prefix: Table) -> Segments:
    prefixes = sorted(by_prefix)
    extended: list[int] = []
    for position, prefix in enumerate(prefixes):
        before = position - 1
        while before != NONE and not prefix.startswith(prefixes[before]):
            before = extended[before]
        extended.append(before)
    return Segments(exact, prefixes, [by_prefix[prefix] for prefix in prefixes], extended)


UNRESTRICTED = compiled([over_everything(Access.WRITE)], default_allow=True)
