"""Whether a change of intentions takes the right to connect away from anybody.

Envoy asks about a TCP connection when it begins. So that a connection ends whose right has ended,
its destination's listener closes all of them when, and only when, somebody lost that right: whoever
still has it connects again at once.
"""

from collections.abc import Iterable, Mapping

from meshcore.intentions.types import WILDCARD, Intention

ANYBODY_ELSE = ""  # no service has this name


def revokes(before: Iterable[Intention], after: Iterable[Intention]) -> bool:
    """Both are all intentions toward one destination; whatever the default policy is."""
    was, is_now = by_source(before), by_source(after)
    return any(
        may_connect(was, source, default_allow=default_allow)
        and not may_connect(is_now, source, default_allow=default_allow)
        for source in {*was, *is_now, ANYBODY_ELSE}
        for default_allow in (True, False)
    )


def by_source(intentions: Iterable[Intention]) -> dict[str, Intention]:
    """Toward one destination no two are about the same callers, and a peer's do not call here."""
    return {each.source: each for each in intentions if not each.source_peer}


def may_connect(said: Mapping[str, Intention], source: str, *, default_allow: bool) -> bool:
    """Over TCP, where permissions allow nothing."""
    decided = said.get(source) or said.get(WILDCARD)
    return decided.action == "allow" if decided else default_allow
