"""Which of several intentions decides a call: the one that names both services most exactly."""

from collections.abc import Iterable

from meshcore.intentions.types import WILDCARD, Intention

RANKS = {  # (is the source exact, is the destination exact) -> rank, in Consul's numbers
    (True, True): 9,
    (False, True): 8,
    (True, False): 6,
    (False, False): 5,
}


def rank(intention: Intention) -> int:
    return RANKS[(intention.source != WILDCARD, intention.destination != WILDCARD)]


def ordered(intentions: Iterable[Intention]) -> tuple[Intention, ...]:
    """Highest rank first; equal ranks, which never meet in one call, by name."""
    return tuple(sorted(intentions, key=order))


def order(intention: Intention) -> tuple[int, str, str, str]:
    return (-rank(intention), intention.source_peer, intention.source, intention.destination)


def covers(intention: Intention, *, source: str, destination: str) -> bool:
    """Whether it speaks of this call; one about another mesh's services speaks of no call here."""
    return (
        not intention.source_peer
        and intention.source in (source, WILDCARD)
        and intention.destination in (destination, WILDCARD)
    )


def deciding(intentions: Iterable[Intention], *, source: str, destination: str) -> Intention | None:
    """Return the intention that decides this call, or None when the default policy does."""
    covering = (i for i in intentions if covers(i, source=source, destination=destination))
    return max(covering, key=rank, default=None)
