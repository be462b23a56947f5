"""Refusals as pages: a status, and a sentence where the content would be."""

import re

import msgspec
from django.http import HttpRequest, HttpResponse

from dashboard.pages import Page
from meshcore.lib.errors import (
    ConflictError,
    DeniedError,
    InvalidError,
    MeshError,
    NotFoundError,
    UnavailableError,
)
from meshcore.mesh import watch


class Kind(msgspec.Struct, frozen=True):
    status: int
    title: str


KINDS = {
    NotFoundError: Kind(404, "Not found"),
    DeniedError: Kind(403, "Not allowed"),
    InvalidError: Kind(400, "That cannot be shown"),
    ConflictError: Kind(409, "Changed meanwhile"),
    UnavailableError: Kind(503, "Not possible at the moment"),
}


WHOSE = re.compile("Permission denied: (anonymous token|token with AccessorID '[^']*')")


def kind_of(error: MeshError) -> Kind:
    return next(KINDS[type_] for type_ in type(error).mro() if type_ in KINDS)


def without_csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's hook for a form that did not come from a page of ours."""
    text = "This did not come from a page of this dashboard. Reload the page and try again.\n"
    return HttpResponse(text, status=403, content_type="text/plain")


def sentence(error: MeshError) -> str:
    """To be shown to all who have the same rights, so without the token that lacks one."""
    return WHOSE.sub("Your token", str(error)) if isinstance(error, DeniedError) else str(error)


def page_of(error: MeshError) -> Page:
    kind = kind_of(error)
    return Page(
        template="dashboard/refused.html",
        title=kind.title,
        context={"status": kind.status, "sentence": sentence(error)},
        # Anything may turn it into a page: what was looked for may come, a right be granted.
        watch_keys=(watch.ANYTHING,),
    )
