"""The short form of a new intention: who, whom, and a word."""

from dashboard.intentions.editor import suggestions
from dashboard.pages import Page, PageRequest
from meshcore.mesh import watch


def new(request: PageRequest) -> Page:
    return Page(
        template="dashboard/intentions/new.html",
        title="New intention",
        context={
            "source": request.params.get("source"),
            "destination": request.params.get("destination"),
            "services": suggestions(request.mesh, request.caller),
        },
        watch_keys=(watch.SERVICES,),
    )
