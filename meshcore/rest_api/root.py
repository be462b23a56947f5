"""What there is: the list of endpoints, and the OpenAPI document that describes them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from drf_spectacular.generators import SchemaGenerator
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.rest_api.authentication import OF_THE_MESH, require_any
from meshcore.rest_api.documented import answering

METHODS = ("get", "post")


class Endpoint(msgspec.Struct):
    path: str
    methods: tuple[str, ...]
    summary: str
    is_link: bool  # it can be opened as it stands


class Endpoints(msgspec.Struct):
    version: str
    endpoints: tuple[Endpoint, ...]


@answering(Endpoints, summary="This list")
@api_view(["GET"])
def root(request: Request) -> Response:
    """Tulle's own API: what the dashboard shows and does, for programs."""
    require_any(request, *OF_THE_MESH)
    document = openapi()
    listed = [endpoint(path, item) for path, item in sorted(document["paths"].items())]
    return Response(Endpoints(document["info"]["version"], tuple(listed)))


@answering(dict, summary="The OpenAPI document of this API")
@api_view(["GET"])
def schema(request: Request) -> Response:
    """For generators of clients."""
    require_any(request, *OF_THE_MESH)
    return Response(openapi())


@cache
def openapi() -> dict[str, Any]:
    """It does not change while the process runs."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # of theirs
    document: dict[str, Any] = generator.get_schema(public=True)  # type: ignore[no-untyped-call]
    return document


def endpoint(path: str, item: Mapping[str, Mapping[str, Any]]) -> Endpoint:
    methods = tuple(method.upper() for method in METHODS if method in item)
    described = item[methods[0].lower()]
    wanted = any(parameter.get("required") for parameter in described.get("parameters", ()))
    return Endpoint(
        path=path,
        methods=methods,
        summary=described["summary"],
        is_link=methods == ("GET",) and not wanted,
    )
