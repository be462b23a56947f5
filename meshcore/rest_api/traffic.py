"""How much a service is called, and over one edge, in the last 15 minutes."""

import time
from collections.abc import Sequence

import msgspec
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.acl.rules import Access, RuleKind
from meshcore.lib.errors import NotFoundError
from meshcore.mesh.types import Mesh
from meshcore.rest_api import params
from meshcore.rest_api.authentication import caller_of, mesh_of
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering, text
from meshcore.topology.services import known
from meshcore.traffic.tally import STEP_S
from meshcore.traffic.types import Point


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Steps that are over, the oldest first; all null where no proxy reported."""

    index: int
    step_s: int
    points: tuple[Point, ...]


@answering(Series, summary="What reached a service in the last 15 minutes")
@api_view(["GET"])
def service_traffic(request: Request, name: str) -> Response:
    """Calls from all callers, those that prove no identity among them."""
    require_all(request, name)
    points = provided().traffic.series(destination=name, now_s=time.time())
    return answer(request, name, points)


@answering(
    Series,
    summary="What one service called of another in the last 15 minutes",
    parameters=(
        text("source", "the service that calls", required=True),
        text("destination", "the service that is called", required=True),
    ),
)
@api_view(["GET"])
def edge_traffic(request: Request) -> Response:
    """It takes `service:read` on both ends."""
    source, destination = (params.required(request, name) for name in ("source", "destination"))
    require_all(request, source, destination)
    points = provided().traffic.series(source=source, destination=destination, now_s=time.time())
    return answer(request, destination, points)


def require_all(request: Request, *services: str) -> None:
    for name in services:
        caller_of(request).require(RuleKind.SERVICE, Access.READ, name)


def answer(request: Request, destination: str, points: Sequence[Point]) -> Response:
    mesh = mesh_of(request)
    if not is_known(mesh, destination) and all(point.rate is None for point in points):
        raise NotFoundError(f"no service is called {destination}, and no proxy reports of one")
    return Response(
        Series(index=mesh.index, step_s=STEP_S, points=tuple(points)),
        headers={"Cache-Control": "no-store"},  # it changes with the time
    )


def is_known(mesh: Mesh, service: str) -> bool:
    vertex = known(mesh, service).vertex
    return vertex.is_registered or vertex.has_sidecar
