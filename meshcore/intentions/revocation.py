"""Whether a change of intentions takes the right to connect away from anybody.

Envoy asks about a TCP connection when it begins. So that a connection ends whose right has ended,
its destination's listener closes all of them when, and only when, somebody lost that right: whoever
still has it connects again at once.
"""

from collections.abc import Iterable

from meshcore.intentions.precedence import deciding
from meshcore.intentions.types import Intention

ANYBODY_ELSE = ""  # no service has this name


def revokes(before: Iterable[Intention], after: Iterable[Intention], *, destination: str) -> bool:
    """Both are all intentions toward the destination; whatever the default policy is."""
    before, after = tuple(before), tuple(after)
    sources = {intention.source for intention in (*before, *after)} | {ANYBODY_ELSE}
    return any(
        may_connect(before, source, destination, default_allow=default_allow)
        and not may_connect(after, source, destination, default_allow=default_allow)
        for source in sources
        for default_allow in (True, False)
    )


def may_connect(
    intentions: tuple[Intention, ...], source: str, destination: str, *, default_allow: bool
) -> bool:
    """Over TCP, where permissions allow nothing."""
    decided = deciding(intentions, source=source, destination=destination)
    return decided.action == "allow" if decided else default_allow
