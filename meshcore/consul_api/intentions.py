"""/v1/connect/intentions: one source and one destination at a time, in Consul's older shape."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from meshcore.acl.rules import Access, Rule, RuleKind
from meshcore.actions import intentions as actions
from meshcore.actions.permissions import to_write_entry
from meshcore.config_entries.reading import read
from meshcore.consul_api import filtering
from meshcore.consul_api.authorization import write
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import TRUE, Content
from meshcore.consul_api.routes import Reading, Route, Routes
from meshcore.intentions.documents import SourceForm, intention
from meshcore.intentions.precedence import order
from meshcore.intentions.types import WILDCARD, Intention, ServiceIntentions
from meshcore.intentions.verdict import verdict
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.lib.records import Record
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.wire.errors import Refusal
from meshcore.wire.intentions import IntentionOut, intention_out

SHOWN = Content(body=TRUE)
# The field of the older shape, and what it is called in the source of a service-intentions entry.
SOURCE_FIELDS = {
    "action": "Action",
    "permissions": "Permissions",
    "description": "Description",
    "sourcetype": "Type",
    "sourcepeer": "Peer",
}
# Named by the URL or computed by the server: taken, because the server gives them, and not read.
IGNORED = frozenset(
    (
        "createdat",
        "createindex",
        "destinationname",
        "destinationns",
        "destinationpartition",
        "hash",
        "id",
        "modifyindex",
        "precedence",
        "sourcename",
        "sourcens",
        "sourcepartition",
        "updatedat",
    )
)

Found = tuple[Intention, Record[ServiceIntentions]]


def listed(context: Context, request: Request) -> Reading:
    keep = filtering.predicate(request, IntentionOut)

    def answer(mesh: Mesh, sight: Sight) -> list[IntentionOut]:
        shown = (found for found in _known(mesh) if sight.intention(found[0]))
        return [row for row in _rows(shown) if keep(row)]

    return Reading(watch_keys=(watch.ALL_INTENTIONS,), answer=answer)


def match(context: Context, request: Request) -> Reading:
    """Everything that may decide calls of, or to, the services that are named."""
    by, names = request.param("by"), [_name(text) for text in request.all("name")]
    if by not in ("source", "destination"):
        raise Refusal(500, "required query parameter 'by' not set or not source or destination")
    if not names:
        raise Refusal(500, "required query parameter 'name' not set")
    for name in names:
        request.caller.require(RuleKind.INTENTION, Access.READ, name)

    def answer(mesh: Mesh, _sight: Sight) -> dict[str, list[IntentionOut]]:
        known = list(_known(mesh))
        return {
            name: _rows(each for each in known if getattr(each[0], by) in (name, WILDCARD))
            for name in names
        }

    if by == "source":
        return Reading(watch_keys=(watch.ALL_INTENTIONS,), answer=answer)
    keys = tuple(watch.intentions(name) for name in dict.fromkeys((*names, WILDCARD)))
    return Reading(watch_keys=keys, answer=answer)


def check(context: Context, request: Request) -> Reading:
    source, destination = _ends(request)
    if request.param("source-type") not in ("", "consul"):
        raise Refusal(500, f'source-type must be "consul", not "{request.param("source-type")}"')
    # Not intention:read: it is the verdict alone that is told, which trying to connect tells too.
    request.caller.require(RuleKind.SERVICE, Access.READ, destination)

    def answer(mesh: Mesh, _sight: Sight) -> dict[str, bool]:
        found = verdict(
            mesh.intentions.covering(destination),
            source=source,
            destination=destination,
            is_http=mesh.config_entries.speaks_http(destination),
            default_allow=context.default_allow,
        )
        return {"Allowed": found.allowed}

    # The protocol of the destination has a part in it too, through any service-defaults.
    keys = (
        watch.intentions(destination),
        watch.intentions(WILDCARD),
        watch.config_kind("service-defaults"),
        watch.config_kind("proxy-defaults"),
    )
    return Reading(watch_keys=keys, answer=answer, is_blocking=False)


def exact(context: Context, request: Request) -> Reading:
    source, destination = _ends(request)
    if not request.caller.may(RuleKind.INTENTION, Access.READ, source):
        request.caller.require(RuleKind.INTENTION, Access.READ, destination)

    def answer(mesh: Mesh, _sight: Sight) -> IntentionOut:
        record = mesh.intentions.by_destination.get(destination)
        found = mesh.intentions.between(source, destination)
        if record is None or found is None:
            raise NotFoundError("Intention not found")
        return intention_out(found, record)

    return Reading(watch_keys=(watch.intentions(destination),), answer=answer)


async def put_exact(context: Context, request: Request) -> Content:
    source, destination = _ends(request)
    form = read(_source_document(request.body) | {"Name": source}, SourceForm)
    action = partial(actions.upsert, intention=intention(form, destination), now=datetime.now(UTC))
    await write(context, request, action, needs=_to_write(destination))
    return SHOWN


async def delete_exact(context: Context, request: Request) -> Content:
    source, destination = _ends(request)
    action = partial(actions.delete, source=source, destination=destination)
    await write(context, request, action, needs=_to_write(destination))
    return SHOWN


def _to_write(destination: str) -> Callable[[Mesh], tuple[Rule, ...]]:
    return lambda _: to_write_entry("service-intentions", destination)


def _known(mesh: Mesh) -> Iterator[Found]:
    for record in mesh.intentions.by_destination.values():
        for each in record.value.intentions:
            yield each, record


def _rows(found: Iterable[Found]) -> list[IntentionOut]:
    by_precedence = sorted(found, key=lambda each: order(each[0]))
    return [intention_out(each, record) for each, record in by_precedence]


def _source_document(body: bytes) -> dict[str, Any]:
    try:
        given = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise Refusal(400, f"Failed to decode request body: {error}") from error
    if not isinstance(given, dict):
        raise Refusal(400, "Failed to decode request body: an intention is a JSON object")
    document: dict[str, Any] = {}
    for key, value in given.items():
        plain = key.replace("_", "").lower()
        if plain in SOURCE_FIELDS:
            document[SOURCE_FIELDS[plain]] = value
        elif plain == "meta" and value:
            raise InvalidError("Meta must not be specified: it belongs to the service-intentions")
        elif plain != "meta" and plain not in IGNORED:
            raise Refusal(400, f'Failed to decode request body: unknown field "{key}"')
    return document


def _ends(request: Request) -> tuple[str, str]:
    for name in ("source", "destination"):
        if not request.param(name):
            raise Refusal(500, f"required query parameter '{name}' not set")
    return _name(request.param("source")), _name(request.param("destination"))


def _name(text: str) -> str:
    """`name`, `default/name` or `default/default/name`: there is one namespace and partition."""
    *scopes, name = text.split("/")
    if len(scopes) > 2 or not name or any(scope != "default" for scope in scopes):
        raise Refusal(400, f'invalid service name "{text}": namespaces are an Enterprise feature')
    return name


ROUTES: Routes = {
    "/v1/connect/intentions": Route(reads=listed),
    "/v1/connect/intentions/match": Route(reads=match),
    "/v1/connect/intentions/check": Route(reads=check),
    "/v1/connect/intentions/exact": Route(
        reads=exact, calls={"PUT": put_exact, "DELETE": delete_exact}
    ),
}
