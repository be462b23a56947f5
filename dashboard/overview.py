"""Where one begins: what is still to be done, what is unhealthy, what expires."""

from dashboard.pages import Page, PageRequest
from meshcore.mesh import watch


def overview(request: PageRequest) -> Page:
    return Page(
        template="dashboard/overview.html",
        title="Overview",
        context={"services": len(request.mesh.registry.by_service)},
        watch_keys=(watch.SERVICES, watch.CHECKS),
    )
