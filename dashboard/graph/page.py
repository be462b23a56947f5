"""The mesh as a picture: the page holds the element that draws it, which fetches what it draws."""

from dashboard.pages import Page, PageRequest
from meshcore.topology.graph import WATCH_KEYS


def graph(request: PageRequest) -> Page:
    drawn = request.facts.graphs.of(request.mesh, request.caller.authorizer)
    return Page(
        template="dashboard/graph/page.html",
        title="Graph",
        context={"is_empty": not drawn.vertices},
        watch_keys=WATCH_KEYS,
        is_filtered=drawn.hidden > 0,
        graph=drawn,
    )
