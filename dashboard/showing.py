"""What is at a URL for somebody, be it a refusal: for the view, and for the tabs that are open."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from dashboard import errors, params, routes
from dashboard.facts import Facts
from dashboard.pages import Page, PageRequest
from dashboard.rendering import Rendered, rendered
from dashboard.tables import Listing
from meshcore.lib.errors import MeshError, NotFoundError
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.store.callers import Caller

FRAGMENT = "fragment"  # asks for the page without its shell, and is no page's own


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    status: int
    content: Rendered
    rail: str
    is_filtered: bool
    watch_keys: tuple[WatchKey, ...]
    refresh: timedelta | None
    listing: Listing[Any] | None


def show(facts: Facts, path: str, query: str, *, mesh: Mesh, caller: Caller) -> Shown:
    rail = ""
    try:
        found = routes.resolve(path)
        if found is None:
            raise NotFoundError("there is no such page")
        route, rail = found.route, found.route.rail
        page = route.page(
            PageRequest(
                mesh=mesh,
                caller=caller if route.is_personal else replace(caller, accessor_id=""),
                params=params.parse("" if route.ignores_query else query).without(FRAGMENT),
                arguments=found.arguments,
                now=datetime.now(UTC),
                facts=facts,
            )
        )
    except MeshError as error:
        return refused(error, rail=rail)
    return shown(page, rail=rail)


def refused(error: MeshError, *, rail: str = "") -> Shown:
    return shown(errors.page_of(error), status=errors.kind_of(error).status, rail=rail)


def shown(page: Page, *, status: int = 200, rail: str = "") -> Shown:
    return Shown(
        status=status,
        content=rendered(page),
        rail=rail,
        is_filtered=page.is_filtered,
        watch_keys=page.watch_keys,
        refresh=page.refresh,
        listing=page.listing,
    )
