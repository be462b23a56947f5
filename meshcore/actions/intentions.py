"""Writing intentions: all toward one destination at once, or one source of it."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from meshcore.actions.compare_and_set import require_unchanged
from meshcore.intentions.precedence import ordered
from meshcore.intentions.revocation import revokes
from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.intentions.validation import require_http, require_valid
from meshcore.mesh.types import Change, Mesh, Topic


def put_entry(
    mesh: Mesh, entry: ServiceIntentions, *, now: datetime, cas: int | None = None
) -> Iterator[Change]:
    """Replace all intentions toward the destination."""
    require_unchanged(
        mesh.intentions.by_destination.get(entry.destination), cas, name=title(entry.destination)
    )
    is_http = mesh.config_entries.speaks_http(entry.destination)
    yield from written(mesh, entry, now=now, is_http=is_http)


def written(
    mesh: Mesh, entry: ServiceIntentions, *, now: datetime, is_http: bool
) -> Iterator[Change]:
    require_valid(entry)
    require_http(entry, is_http=is_http)
    before = mesh.intentions.to(entry.destination)
    former = {identity(intention): intention for intention in before.intentions} if before else {}
    after = msgspec.structs.replace(
        entry,
        intentions=ordered(
            dated(intention, former.get(identity(intention)), now=now, index=mesh.index + 1)
            for intention in entry.intentions
        ),
        revoked_at=before.revoked_at if before else 0,
    )
    if after != before:
        after = revoking(before, after, index=mesh.index + 1)
        yield Change(Topic.INTENTIONS, (entry.destination,), before, after)


def revoking(
    before: ServiceIntentions | None, after: ServiceIntentions, *, index: int
) -> ServiceIntentions:
    """Note when a right is taken away; a new entry may follow on a deleted one that gave more."""
    if before is not None and not revokes(before.intentions, after.intentions):
        return after
    return msgspec.structs.replace(after, revoked_at=index)


def upsert(mesh: Mesh, intention: Intention, *, now: datetime) -> Iterator[Change]:
    """Create or replace the intention of one source, and leave the others as they are."""
    before = mesh.intentions.to(intention.destination)
    entry = before or ServiceIntentions(destination=intention.destination)
    others = tuple(each for each in entry.intentions if identity(each) != identity(intention))
    after = msgspec.structs.replace(entry, intentions=(*others, intention))
    yield from put_entry(mesh, after, now=now)


def delete(mesh: Mesh, source: str, destination: str, *, peer: str = "") -> Iterator[Change]:
    """Delete one source; deleting what is not there is no error, as in Consul."""
    before = mesh.intentions.to(destination)
    if before is None:
        return
    rest = tuple(each for each in before.intentions if identity(each) != (source, peer))
    if rest == before.intentions:
        return
    after = msgspec.structs.replace(before, intentions=rest) if rest else None
    if after is not None:
        after = revoking(before, after, index=mesh.index + 1)
    yield Change(Topic.INTENTIONS, (destination,), before, after)


def delete_entry(mesh: Mesh, destination: str, *, cas: int | None = None) -> Iterator[Change]:
    record = mesh.intentions.by_destination.get(destination)
    require_unchanged(record, cas, name=title(destination))
    if record is not None:
        yield Change(Topic.INTENTIONS, (destination,), record.value, None)


def identity(intention: Intention) -> tuple[str, str]:
    """What there is at most one of toward a destination."""
    return intention.source, intention.source_peer


def dated(
    intention: Intention, former: Intention | None, *, now: datetime, index: int
) -> Intention:
    """Keep the revision while the meaning stays, and the times while nothing changes at all."""
    if former is None:
        return msgspec.structs.replace(intention, created_at=now, updated_at=now, revision=index)
    same = msgspec.structs.replace(
        intention,
        created_at=former.created_at,
        updated_at=former.updated_at,
        revision=former.revision,
    )
    if same == former:
        return former
    return msgspec.structs.replace(
        same,
        updated_at=now,
        revision=former.revision if meaning(same) == meaning(former) else index,
    )


def meaning(intention: Intention) -> tuple[object, ...]:
    return intention.action, intention.permissions


def title(destination: str) -> str:
    return f"service-intentions/{destination}"
