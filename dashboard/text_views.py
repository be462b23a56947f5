"""What is wrong with a text of config entries, for the editor in which it is being typed."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from dashboard import browser
from dashboard.context import provided
from meshcore.mesh.texts import read

SUFFIXES = {"yaml": "yaml", "hcl": "hcl", "json": "json"}


@require_POST
def check(request: HttpRequest) -> JsonResponse:
    """It says nothing of the mesh, but takes work: whoever is logged in may ask."""
    context = provided()
    browser.caller(context, request.COOKIES.get(browser.COOKIE, ""), mesh=context.store.mesh)
    suffix = SUFFIXES.get(request.POST.get("language", ""), "yaml")
    asked = read(request.POST.get("text", ""), name=f"text.{suffix}")
    mistakes = [{"line": each.line, "sentence": each.sentence} for each in asked.mistakes]
    return JsonResponse({"mistakes": mistakes})
