"""Two people who change the intentions toward one destination: whose change is whose.

Worked example: both began from web: allow. I have made it deny, somebody else has added shop:
allow. Merged it is web: deny, shop: allow. Had they changed web too, that would be a clash: mine
stands in the merge, theirs is shown beside it.
"""

from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from meshcore.intentions.types import Intention, ServiceIntentions

Identity = tuple[str, str]  # a source, and its peer
Parts = tuple[object, ...]


class Theirs(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of one source since the draft began; `clashes` with what I did to it."""

    source: str
    before: Intention | None
    after: Intention | None
    clashes: bool


def theirs(
    base: ServiceIntentions | None, mine: ServiceIntentions, present: ServiceIntentions | None
) -> tuple[Theirs, ...]:
    """Everything that changed between the two moments, whoever looks at it."""
    was, is_now, wanted = by_identity(base), by_identity(present), by_identity(mine)
    found = []
    for identity in dict.fromkeys((*was, *is_now)):
        before, after = was.get(identity), is_now.get(identity)
        if parts(before) == parts(after):
            continue
        asked = parts(wanted.get(identity))
        clashes = asked not in (parts(before), parts(after))
        found.append(Theirs(source=identity[0], before=before, after=after, clashes=clashes))
    return tuple(found)


def merged(
    base: ServiceIntentions | None, mine: ServiceIntentions, present: ServiceIntentions | None
) -> ServiceIntentions:
    """Each source as whoever changed it wants it; as I do, where both have."""
    was, is_now, wanted = by_identity(base), by_identity(present), by_identity(mine)
    kept: list[Intention] = []
    for identity in dict.fromkeys((*wanted, *is_now)):
        is_mine = parts(wanted.get(identity)) != parts(was.get(identity))
        chosen = (wanted if is_mine else is_now).get(identity)
        if chosen is not None:
            kept.append(chosen)
    return replace(mine, intentions=tuple(kept))


def by_identity(entry: ServiceIntentions | None) -> dict[Identity, Intention]:
    intentions: Iterable[Intention] = entry.intentions if entry else ()
    return {(each.source, each.source_peer): each for each in intentions}


def parts(intention: Intention | None) -> Parts | None:
    """What one can write of it."""
    if intention is None:
        return None
    return intention.action, intention.permissions, intention.description
