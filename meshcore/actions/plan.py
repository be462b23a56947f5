"""What applying entries would change, field by field, for people to read before it happens."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeGuard

import msgspec

from meshcore.config_entries.types import OtherEntry, ProxyDefaults, ServiceDefaults
from meshcore.intentions.documents import COMPUTED
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.entries import Entry, kind_and_name, to_document
from meshcore.mesh.types import Change, Topic

Outcome = Literal["created", "changed", "unchanged"]


class Difference(msgspec.Struct, frozen=True):
    """One field; None where it was not or will not be."""

    path: str
    before: object
    after: object


class Planned(msgspec.Struct, frozen=True):
    kind: str
    name: str
    outcome: Outcome
    differences: tuple[Difference, ...] = ()


def plan(entries: Iterable[Entry], changes: Iterable[Change]) -> tuple[Planned, ...]:
    """Say of each entry what these changes, which applying them makes, do to it."""
    by_entry = {change_key(change): change for change in changes}
    return tuple(planned(entry, by_entry.get(kind_and_name(entry))) for entry in entries)


def change_key(change: Change) -> tuple[str, str]:
    if change.topic == Topic.INTENTIONS:
        return "service-intentions", change.key[0]
    kind, name = change.key
    return kind, name


def planned(entry: Entry, change: Change | None) -> Planned:
    kind, name = kind_and_name(entry)
    if change is None:
        return Planned(kind, name, "unchanged")
    before, after = document_of(change.before), document_of(change.after)
    outcome: Outcome = "created" if change.before is None else "changed"
    return Planned(kind, name, outcome, tuple(differences(before, after)))


def document_of(value: object) -> dict[str, object]:
    if value is None:
        return {}
    assert isinstance(value, ServiceDefaults | ProxyDefaults | OtherEntry | ServiceIntentions)
    document = to_document(value)
    title = ("Kind", "Name")
    return {key: inner for key, inner in document.items() if key not in title}


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Difference]:
    left, right = dict(fields(before)), dict(fields(after))
    for path in dict.fromkeys((*left, *right)):
        if left.get(path) != right.get(path):
            yield Difference(path, left.get(path), right.get(path))


def fields(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Take a document apart down to single fields; an empty object or list is one of them."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from fields(inner, f"{path}.{key}" if path else str(key))
    elif is_list_of_objects(value):
        for label, item in labelled(value):
            yield from fields(item, f"{path}[{label}]")
    elif path and path.rpartition("].")[2] not in COMPUTED:
        yield path, value


def is_list_of_objects(value: object) -> TypeGuard[Sequence[Mapping[str, object]]]:
    return (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(isinstance(item, Mapping) for item in value)
    )


def labelled(
    items: Sequence[Mapping[str, object]],
) -> Iterator[tuple[object, Mapping[str, object]]]:
    """By their names, where these tell them apart: a source that is added then moves no other."""
    names = [item.get("Name") for item in items]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        yield from enumerate(items)
        return
    for name, item in zip(names, items, strict=True):
        yield name, {key: value for key, value in item.items() if key != "Name"}
