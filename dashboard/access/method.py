"""The page of one auth method: its form, its binding rules, and the tokens that it gave."""

from dashboard.access.history import versions
from dashboard.access.logins import rule_row
from dashboard.access.method_draft import Draft, draft_of, preview
from dashboard.access.method_fields import TYPES, Fields
from dashboard.access.page import WATCHED, may_write, require_read, require_write
from dashboard.access.uses import made_by
from dashboard.pages import Page, PageRequest
from meshcore.lib.errors import NotFoundError
from meshcore.mesh.types import Topic


def method_new(request: PageRequest) -> Page:
    require_write(request)
    type_ = request.params.get("type", TYPES[0])
    if type_ not in TYPES:
        raise NotFoundError(f'there is no type "{type_}" of auth methods: {", ".join(TYPES)}')
    return page(request, Draft(fields=Fields(), type=type_), title="New auth method")


def method(request: PageRequest) -> Page:
    require_read(request)
    name = request.arguments["name"]
    record = request.mesh.acl.auth_methods.get(name)
    if record is None:
        raise NotFoundError(f"there is no auth method {name}: it may have been deleted")
    return page(request, draft_of(record), title=name)


def page(request: PageRequest, draft: Draft, *, title: str) -> Page:
    acl, name = request.mesh.acl, draft.fields.name
    return Page(
        template="dashboard/access/method.html",
        title=title,
        context={
            "draft": draft,
            "preview": preview(request.mesh, draft),
            "types": TYPES,
            "written_at": draft.index,
            "may_edit": may_write(request),
            "rules": [rule_row(rule) for rule in acl.rules_of_method(name)],
            "tokens": made_by(acl, name) if name else [],
            "versions": versions(request, Topic.AUTH_METHOD, name) if name else [],
        },
        watch_keys=WATCHED,
    )
