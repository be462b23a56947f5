"""/v1/config: config entries, service-intentions among them, as documents."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from meshcore.acl.rules import Rule
from meshcore.actions import config_entries as actions
from meshcore.actions import intentions as intention_actions
from meshcore.actions.permissions import to_put_entry, to_read_entry, to_write_entry
from meshcore.config_entries.types import KINDS, ConfigEntry
from meshcore.consul_api import filtering
from meshcore.consul_api.authorization import write
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import FALSE, TRUE, Content
from meshcore.consul_api.routes import Reading, Route, Routes
from meshcore.intentions.documents import KIND as INTENTIONS
from meshcore.intentions.types import ServiceIntentions
from meshcore.lib.errors import ConflictError, InvalidError, NotFoundError
from meshcore.lib.records import Record
from meshcore.mesh import watch
from meshcore.mesh.entries import Entry, kind_and_name, parse, to_document
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.store.store import Action
from meshcore.wire.errors import Refusal
from meshcore.wire.names import Out

Document = dict[str, Any]
EntryRecord = Record[ConfigEntry] | Record[ServiceIntentions]
DELETED = Content(body=b"{}")


class EntryRow(Out, frozen=True, kw_only=True):
    """What config entries of all kinds can be filtered by."""

    kind: str
    name: str
    meta: dict[str, str]


async def put(context: Context, request: Request) -> Content:
    try:
        document = msgspec.json.decode(request.body)
        if not isinstance(document, dict):
            raise InvalidError("a config entry is a JSON object")
        entry = parse(document)
    except (msgspec.DecodeError, InvalidError) as error:
        raise Refusal(400, f"Request decoding failed: {error}") from error
    return await _written(
        context, request, partial(_putting, entry), needs=to_put_entry(entry), answer=TRUE
    )


def _putting(entry: Entry, cas: int | None) -> Action:
    if isinstance(entry, ServiceIntentions):
        return partial(intention_actions.put_entry, entry=entry, now=datetime.now(UTC), cas=cas)
    return partial(actions.put, entry=entry, cas=cas)


async def delete(context: Context, request: Request) -> Content:
    kind, name = _kind_and_name(request)
    if not name:
        raise Refusal(400, "Must provide a kind and name to delete")
    answer = TRUE if request.has("cas") else DELETED.body
    needs = to_write_entry(kind, name)
    return await _written(
        context, request, partial(_deleting, kind, name), needs=needs, answer=answer
    )


def _deleting(kind: str, name: str, cas: int | None) -> Action:
    if kind == INTENTIONS:
        return partial(intention_actions.delete_entry, destination=name, cas=cas)
    return partial(actions.delete, kind=kind, name=name, cas=cas)


async def _written(
    context: Context,
    request: Request,
    action: Callable[[int | None], Action],
    *,
    needs: tuple[Rule, ...],
    answer: bytes,
) -> Content:
    """With `cas`, that somebody else was faster is the answer false."""
    text = request.param("cas")
    if text and not text.isdecimal():
        raise Refusal(400, f'Invalid cas "{text}": it must be an index')
    try:
        await write(context, request, action(int(text) if text else None), needs=lambda _: needs)
    except ConflictError:
        return Content(body=FALSE)
    return Content(body=answer)


def entries(context: Context, request: Request) -> Reading:
    kind, name = _kind_and_name(request)
    if not name:
        return _all(kind, filtering.predicate(request, EntryRow))
    request.caller.require_all(to_read_entry(kind, name))
    return _one(kind, name)


def _all(kind: str, keep: filtering.Predicate) -> Reading:
    def answer(mesh: Mesh, sight: Sight) -> list[Document]:
        return [
            shown(record)
            for record in of_kind(mesh, kind)
            if sight.all_of(to_read_entry(*kind_and_name(record.value))) and keep(_row(record))
        ]

    return Reading(watch_keys=(watch.config_kind(kind),), answer=answer)


def _one(kind: str, name: str) -> Reading:
    is_intentions = kind == INTENTIONS

    def answer(mesh: Mesh, _sight: Sight) -> Document:
        record: EntryRecord | None
        if is_intentions:
            record = mesh.intentions.by_destination.get(name)
        else:
            record = mesh.config_entries.entries.get((kind, name))
        if record is None:
            raise NotFoundError(f'Config entry not found for "{kind}" / "{name}"')
        return shown(record)

    key = watch.intentions(name) if is_intentions else watch.config_entry(kind, name)
    return Reading(watch_keys=(key,), answer=answer)


def of_kind(mesh: Mesh, kind: str) -> Iterator[EntryRecord]:
    if kind == INTENTIONS:
        return (record for _, record in sorted(mesh.intentions.by_destination.items()))
    return mesh.config_entries.of_kind(kind)


def shown(record: EntryRecord) -> Document:
    return to_document(record.value) | {
        "CreateIndex": record.create_index,
        "ModifyIndex": record.modify_index,
    }


def _row(record: EntryRecord) -> EntryRow:
    kind, name = kind_and_name(record.value)
    return EntryRow(kind=kind, name=name, meta=record.value.meta)


def _kind_and_name(request: Request) -> tuple[str, str]:
    kind, _, name = request.suffix.partition("/")
    if kind not in KINDS:
        raise Refusal(400, f"invalid config entry kind: {kind}")
    return kind, name


ROUTES: Routes = {
    "/v1/config": Route(calls={"PUT": put}),
    "/v1/config/": Route(reads=entries, calls={"DELETE": delete}),
}
