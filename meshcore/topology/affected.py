"""Which calls are decided otherwise in another mesh: what a change does, before it is made.

Intentions toward one destination decide for the sources that they name, and for all others alike;
those toward * do so for every destination. So destinations with the same rules are looked at once,
and so are the sources that no intention names.
"""

from collections.abc import Hashable, Iterable, Iterator, Set

import msgspec

from meshcore.intentions.revocation import ANYBODY_ELSE
from meshcore.intentions.types import WILDCARD
from meshcore.mesh.types import Mesh
from meshcore.topology.rules import PairVerdict, Rules, meaning, rules, said_by, verdict


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """Calls from each of the sources to each of the destinations, as they are and as they will be.

    `others` counts the sources that no intention toward these destinations names, all of which are
    affected alike; they are not listed, for that could be every service there is. The reasons name
    intentions as they are for the first of each. Both verdicts are conditional where other requests
    are let through than before.
    """

    sources: tuple[str, ...]
    others: int
    destinations: tuple[str, ...]
    before: PairVerdict
    after: PairVerdict


class Side(msgspec.Struct, frozen=True):
    """What one of the two meshes says."""

    mesh: Mesh
    rules: Rules
    default_allow: bool

    def speaks_http(self, destination: str) -> bool:
        return self.mesh.config_entries.speaks_http(destination)

    def verdict(self, source: str, destination: str) -> PairVerdict:
        intention = self.rules.deciding(source, destination)
        is_http = self.speaks_http(destination)
        return verdict(intention, is_http=is_http, default_allow=self.default_allow)

    def decision(self, source: str, destination: str) -> Hashable:
        """Equal where the same requests are let through."""
        said = self.verdict(source, destination).verdict
        intention = self.rules.deciding(source, destination)
        return said, meaning(intention) if intention and said == "conditional" else b""

    def said_of(self, destination: str, sources: Set[str]) -> Hashable:
        return said_by(self.rules.toward(destination), sources), self.speaks_http(destination)


def affected(
    before: Mesh, after: Mesh, *, services: Iterable[str], default_allow: bool
) -> Iterator[Affected]:
    """Yield what changes among these services."""
    names = set(services)
    old = Side(before, rules(before.intentions), default_allow)
    new = Side(after, rules(after.intentions), default_allow)
    general = [said_by(side.rules.toward(WILDCARD), names) for side in (old, new)]
    alike: dict[Hashable, list[str]] = {}
    for name in sorted(names):
        said = old.said_of(name, names), new.said_of(name, names)
        if said[0] != said[1] or general[0] != general[1]:
            alike.setdefault(said, []).append(name)
    for destinations in alike.values():
        yield from toward(destinations, names, old, new)


def toward(destinations: list[str], names: Set[str], old: Side, new: Side) -> Iterator[Affected]:
    first = destinations[0]
    named = names & {
        source
        for side in (old, new)
        for destination in (first, WILDCARD)
        for source in side.rules.toward(destination).exact
    }
    alike: dict[tuple[Hashable, Hashable], list[str]] = {}
    rest = len(names) - len(named)
    for source in (*sorted(named), *([ANYBODY_ELSE] if rest else [])):
        decisions = old.decision(source, first), new.decision(source, first)
        if decisions[0] != decisions[1]:
            alike.setdefault(decisions, []).append(source)
    for sources in alike.values():
        yield Affected(
            sources=tuple(source for source in sources if source != ANYBODY_ELSE),
            others=rest if ANYBODY_ELSE in sources else 0,
            destinations=tuple(destinations),
            before=old.verdict(sources[0], first),
            after=new.verdict(sources[0], first),
        )
