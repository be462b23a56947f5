"""Writing config entries, one at a time or many as one."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from meshcore.actions import intentions
from meshcore.actions.compare_and_set import require_unchanged
from meshcore.config_entries.types import GLOBAL, ConfigEntry, OtherEntry
from meshcore.config_entries.view import ConfigEntries
from meshcore.intentions.types import ServiceIntentions
from meshcore.intentions.view import Intentions
from meshcore.lib.errors import InvalidError
from meshcore.mesh.apply import apply as applied
from meshcore.mesh.entries import Entry, kind_and_name
from meshcore.mesh.types import Change, Mesh, Topic

PROXY_DEFAULTS = ("proxy-defaults", GLOBAL)


def put(mesh: Mesh, entry: ConfigEntry, *, cas: int | None = None) -> Sequence[Change]:
    key = kind_and_name(entry)
    require_unchanged(mesh.config_entries.entries.get(key), cas, name="/".join(key))
    return kept_consistent(mesh, tuple(change_to(mesh, entry)))


def delete(mesh: Mesh, kind: str, name: str, *, cas: int | None = None) -> Sequence[Change]:
    """Delete one entry; deleting what is not there is no error, as in Consul."""
    record = mesh.config_entries.entries.get((kind, name))
    require_unchanged(record, cas, name=f"{kind}/{name}")
    if record is None:
        return ()
    return kept_consistent(mesh, (Change(Topic.CONFIG_ENTRY, (kind, name), record.value, None),))


def apply(mesh: Mesh, entries: Sequence[Entry], *, now: datetime) -> Sequence[Change]:
    """Write all of them or, when one is refused, none.

    Intentions are judged by the protocols that these same entries set, so their order is of no
    account.
    """
    require_distinct(entries)
    proper = [entry for entry in entries if not isinstance(entry, ServiceIntentions)]
    changes = [change for entry in proper for change in change_to(mesh, entry)]
    protocols = applied(mesh, changes, index=mesh.index).config_entries
    for entry in entries:
        if isinstance(entry, ServiceIntentions):
            is_http = protocols.speaks_http(entry.destination)
            changes += intentions.written(mesh, entry, now=now, is_http=is_http)
    return kept_consistent(mesh, changes)


def require_distinct(entries: Iterable[Entry]) -> None:
    seen = set()
    for entry in entries:
        key = kind_and_name(entry)
        if key in seen:
            raise InvalidError(f"{'/'.join(key)} stands twice among what is to be applied")
        seen.add(key)


def change_to(mesh: Mesh, entry: ConfigEntry) -> Iterator[Change]:
    key = kind_and_name(entry)
    before = mesh.config_entries.entry(*key)
    if before != entry:
        yield Change(Topic.CONFIG_ENTRY, key, before, entry)


def kept_consistent(mesh: Mesh, changes: Sequence[Change]) -> Sequence[Change]:
    """Refuse a protocol that would leave intentions with permissions on a service without HTTP."""
    keys = {change.key for change in changes if sets_protocol(change)}
    if not keys:
        return changes
    after = applied(mesh, changes, index=mesh.index)
    names = tuple(
        after.intentions.by_destination if PROXY_DEFAULTS in keys else (name for _, name in keys)
    )
    stranded = sorted(stranded_among(names, after.config_entries, after.intentions))
    if stranded:
        raise InvalidError(
            f"the intentions to {', '.join(stranded)} have permissions, which need HTTP, and this "
            "would make it tcp: change those intentions first"
        )
    return changes


def sets_protocol(change: Change) -> bool:
    return change.topic == Topic.CONFIG_ENTRY and not isinstance(
        change.after if change.after is not None else change.before, OtherEntry
    )


def stranded_among(
    names: Iterable[str], config_entries: ConfigEntries, intentions: Intentions
) -> Iterator[str]:
    for name in names:
        entry = intentions.to(name)
        if entry is None or config_entries.speaks_http(name):
            continue
        if any(intention.permissions for intention in entry.intentions):
            yield name
