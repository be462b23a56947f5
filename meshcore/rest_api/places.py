"""Where services stand in the graph, moved by people."""

from collections.abc import Iterable

import msgspec
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.acl.rules import Access, Rule, RuleKind, exactly
from meshcore.actions import places as actions
from meshcore.lib.errors import InvalidError
from meshcore.mesh.types import Change, Mesh
from meshcore.rest_api.authentication import caller_of
from meshcore.rest_api.bodies import body
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering
from meshcore.store.callers import permitted

MOST = 1000


class Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    service: str
    x: float
    y: float


class MoveRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is unpinned stays where it is, as if the layout had put it there."""

    pin: tuple[Pin, ...] = ()
    unpin: tuple[str, ...] = ()
    reason: str = ""

    @property
    def services(self) -> tuple[str, ...]:
        return (*(each.service for each in self.pin), *self.unpin)


class Moved(msgspec.Struct):
    index: int


@answering(Moved, summary="Pin services to a place in the graph, or unpin them", asked=MoveRequest)
@api_view(["POST"])
def places(request: Request) -> Response:
    """Everybody sees services where they are pinned; it takes service:write on each of them."""
    asked = body(request, MoveRequest)
    if not 0 < len(asked.services) == len(set(asked.services)) <= MOST:
        raise InvalidError(f"name from 1 to {MOST} services in pin and unpin, each of them once")
    caller = caller_of(request)
    written = provided().store.write_from_thread(
        permitted(caller, lambda mesh: moves(mesh, asked), lambda _mesh: needs(asked)),
        actor=caller.actor,
        reason=asked.reason,
    )
    return Response(Moved(written.index))


def moves(mesh: Mesh, asked: MoveRequest) -> Iterable[Change]:
    for each in asked.pin:
        yield from actions.pin(mesh, each.service, x=each.x, y=each.y)
    for service in asked.unpin:
        yield from actions.unpin(mesh, service)


def needs(asked: MoveRequest) -> Iterable[Rule]:
    for service in asked.services:
        yield exactly(RuleKind.SERVICE, service, Access.WRITE)
