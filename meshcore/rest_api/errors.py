"""Refusals as HTTP answers: a status, and a body with one sentence."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

from meshcore.lib.errors import (
    ConflictError,
    DeniedError,
    InvalidError,
    MeshError,
    NotFoundError,
    UnavailableError,
)
from meshcore.rest_api.renderers import PICTURES, Json

STATUSES: Mapping[type[MeshError], int] = {
    InvalidError: 400,
    DeniedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    UnavailableError: 503,
}


def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's hook; None leaves what is no refusal to be logged as a 500."""
    request = context["request"]
    if isinstance(getattr(request, "accepted_renderer", None), PICTURES):  # none before negotiation
        request.accepted_renderer, request.accepted_media_type = Json(), Json.media_type
    if isinstance(error, MeshError):
        return Response({"error": str(error)}, status=status_of(error))
    response = exception_handler(error, dict(context))
    if response is not None and isinstance(error, APIException):
        response.data = {"error": str(error.detail)}
    return response


def status_of(error: MeshError) -> int:
    return next(status for kind, status in STATUSES.items() if isinstance(error, kind))
