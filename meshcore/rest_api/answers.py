"""Answers that are made only when something in them may have changed since the caller's last."""

from collections.abc import Callable, Iterable
from hashlib import sha256

from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.mesh.types import Mesh, WatchKey
from meshcore.rest_api.authentication import caller_of, mesh_of
from meshcore.rest_api.context import provided
from meshcore.store.callers import Caller

VARY = "Accept, Authorization, Cookie, X-Consul-Token"


def answer(
    request: Request,
    watch_keys: Iterable[WatchKey],
    make: Callable[[Mesh, Caller], object],
    *,
    beside: str = "",
) -> Response:
    """Make the answer, or say that the one with the caller's ETag is still right.

    `beside` stands for whatever else is in the answer that is not of the mesh.
    """
    mesh, caller = mesh_of(request), caller_of(request)
    tag = etag(request, mesh, caller, watch_keys, beside=beside)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": VARY}
    if tag in asked_tags(request):
        return Response(status=304, headers=headers)
    return Response(make(mesh, caller), headers=headers)


def etag(
    request: Request, mesh: Mesh, caller: Caller, watch_keys: Iterable[WatchKey], *, beside: str
) -> str:
    """Of the index of the last change that concerns the answer, or what its caller may see.

    It is also of the caller and of the mesh itself: another data dir counts from the beginning.
    """
    rights = provided().callers.watch_keys(caller)
    index = mesh.touched_at((*watch_keys, *rights))
    trust = mesh.certificates.trust
    scope = (
        trust.value.cluster_id if trust else "",
        caller.accessor_id,
        str(request.accepted_media_type),
        request.get_full_path(),
        beside,
    )
    digest = sha256("\0".join(scope).encode()).hexdigest()[:16]
    return f'W/"{index}-{digest}"'


def asked_tags(request: Request) -> list[str]:
    return [tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")]
