"""Which calls a change of intentions decides otherwise, for people to read before they save it."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh
from meshcore.topology.affected import Affected, affected
from meshcore.topology.rules import PairVerdict, Rules, rules, verdict
from meshcore.topology.services import own_instances, upstreams
from meshcore.topology.types import MaySee

MOST_NAMES = 6
MOST_BROKEN = 20
SENTENCES = {  # what is so from now on
    "allow": "may call",
    "deny": "may no longer call",
    "conditional": "may call by request",
}


class Names(msgspec.Struct, frozen=True):
    """Some services, and how many more there are."""

    shown: tuple[str, ...]
    more: int = 0


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Verdicts as the parts show them: allow, deny, conditional, default-deny."""

    before: str
    after: str
    says: str
    sources: Names
    others: int  # sources that no intention names
    destinations: Names


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """`broken` are calls that a proxy declares, that were let through, and are not any more."""

    pairs: int = 0
    effects: tuple[Effect, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    more_broken: int = 0


def effects(
    mesh: Mesh, changes: Sequence[Change], *, services: Iterable[str], default_allow: bool
) -> Effects:
    """Among these services, which are the ones that whoever asks may see."""
    if not changes:
        return Effects()
    names = set(services)
    after = apply(mesh, changes, index=mesh.index + 1)
    found = tuple(affected(mesh, after, services=names, default_allow=default_allow))
    destinations = {name for each in found for name in each.destinations}
    gone = sorted(
        broken(mesh, after, destinations & names, may_see=names.__contains__, allow=default_allow)
    )
    return Effects(
        pairs=sum(count(each) for each in found),
        effects=tuple(effect(each) for each in found),
        broken=tuple(gone[:MOST_BROKEN]),
        more_broken=max(0, len(gone) - MOST_BROKEN),
    )


def count(each: Affected) -> int:
    return (len(each.sources) + each.others) * len(each.destinations)


def effect(each: Affected) -> Effect:
    was, will_be = each.before.verdict, each.after.verdict
    says = SENTENCES.get(will_be, "may call")
    return Effect(
        before=shown(each.before),
        after=shown(each.after),
        says="may call with other requests" if was == will_be == "conditional" else says,
        sources=names_of(each.sources),
        others=each.others,
        destinations=names_of(each.destinations),
    )


def shown(said: PairVerdict) -> str:
    return f"default-{said.verdict}" if said.by_default else said.verdict


def names_of(names: Sequence[str]) -> Names:
    return Names(tuple(names[:MOST_NAMES]), max(0, len(names) - MOST_NAMES))


def broken(
    before: Mesh, after: Mesh, destinations: Iterable[str], *, may_see: MaySee, allow: bool
) -> Iterator[tuple[str, str]]:
    wanted = set(destinations)
    old, new = rules(before.intentions), rules(after.intentions)
    for source in before.registry.by_destination:
        if not may_see(source):
            continue
        for destination in wanted & declared(before, source):
            was, will_be = (
                said(mesh, which, source, destination, allow=allow)
                for mesh, which in ((before, old), (after, new))
            )
            if will_be == "deny" and was != "deny":
                yield source, destination


def declared(mesh: Mesh, service: str) -> set[str]:
    """What its proxies are told to reach."""
    own = own_instances(mesh.registry, service)
    reached = (record.value for record in mesh.registry.toward(service).values())
    return set(upstreams((*own, *reached)))


def said(mesh: Mesh, which: Rules, source: str, destination: str, *, allow: bool) -> str:
    is_http = mesh.config_entries.speaks_http(destination)
    intention = which.deciding(source, destination)
    return verdict(intention, is_http=is_http, default_allow=allow).verdict
