"""The deciding intention of many pairs, without asking about each pair from the start.

It is the one of `intentions/precedence.py: deciding`, whose table of ranks leaves four places to
look in, the most exact first: web -> db, * -> db, web -> *, * -> *.
"""

from collections.abc import Container, Hashable, Mapping

import msgspec

from meshcore.intentions.types import WILDCARD, Intention, ServiceIntentions
from meshcore.intentions.verdict import by_intention, default_policy
from meshcore.intentions.view import Intentions
from meshcore.topology.types import EdgeVerdict


class Sources(msgspec.Struct, frozen=True):
    """The intentions toward one destination, by who calls; `anybody` is the one from *."""

    exact: Mapping[str, Intention] = {}
    anybody: Intention | None = None

    def deciding(self, source: str) -> Intention | None:
        return self.exact.get(source) or self.anybody


class Rules(msgspec.Struct, frozen=True):
    """All intentions of a mesh; those about other meshes' services decide no call here."""

    by_destination: Mapping[str, Sources]

    def toward(self, destination: str) -> Sources:
        return self.by_destination.get(destination, NONE)

    def deciding(self, source: str, destination: str) -> Intention | None:
        own = self.toward(destination).deciding(source)
        return own or self.toward(WILDCARD).deciding(source)


NONE = Sources()


def rules(intentions: Intentions) -> Rules:
    entries = intentions.by_destination
    return Rules({name: sources(record.value) for name, record in entries.items()})


def sources(entry: ServiceIntentions) -> Sources:
    local = [each for each in entry.intentions if not each.source_peer]
    return Sources(
        {each.source: each for each in local if each.source != WILDCARD},
        next((each for each in local if each.source == WILDCARD), None),
    )


def said_by(given: Sources, names: Container[str]) -> Hashable:
    """Equal where the same is said of these as callers."""
    exact = frozenset((name, meaning(each)) for name, each in given.exact.items() if name in names)
    return exact, meaning(given.anybody) if given.anybody else b""


def meaning(intention: Intention) -> bytes:
    """Equal for intentions that say the same; permissions alone cannot be hashed."""
    return msgspec.json.encode((intention.action, intention.permissions))


class PairVerdict(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    verdict: EdgeVerdict
    reason: str
    by_default: bool = False


def verdict(intention: Intention | None, *, is_http: bool, default_allow: bool) -> PairVerdict:
    """Say of all the calls of a pair what this intention, or the default policy, says."""
    if intention is None:
        policy = default_policy(default_allow=default_allow)
        return PairVerdict(
            verdict="allow" if default_allow else "deny",
            by_default=True,
            reason=f"no intention covers the call: {policy}",
        )
    found = by_intention(intention, None, is_http=is_http, default_allow=default_allow)
    if intention.permissions and is_http:
        return PairVerdict(verdict="conditional", reason=found.reason)
    return PairVerdict(verdict="allow" if found.allowed else "deny", reason=found.reason)
