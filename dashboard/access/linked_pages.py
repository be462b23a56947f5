"""The forms in which tokens and roles are made and changed."""

from datetime import datetime

from dashboard.access import paths
from dashboard.access.linked_draft import Draft, draft_of, offered, preview
from dashboard.access.page import WATCHED, require_write
from dashboard.access.token import token_at
from dashboard.access.words import Words
from dashboard.pages import Page, PageRequest
from meshcore.acl.rules import Access, RuleKind
from meshcore.acl.types import Role
from meshcore.lib.errors import NotFoundError
from meshcore.lib.records import Record
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.store.callers import Caller

SERVICE, NODE = RuleKind.SERVICE, RuleKind.NODE


def token_new(request: PageRequest) -> Page:
    return page(request, Draft(is_role=False, words=Words()), title="New token")


def token_edit(request: PageRequest) -> Page:
    require_write(request)
    accessor_id = token_at(request).accessor_id
    draft = draft_of(request.mesh.acl.tokens[accessor_id], request.mesh.acl)
    return page(request, draft, title="Edit the token")


def role_new(request: PageRequest) -> Page:
    return page(request, Draft(is_role=True, words=Words()), title="New role")


def role_edit(request: PageRequest) -> Page:
    record = role_at(request)
    draft = draft_of(record, request.mesh.acl)
    return page(request, draft, title=f"Edit role {record.value.name}")


def role_at(request: PageRequest) -> Record[Role]:
    record = request.mesh.acl.roles.get(request.arguments["id"])
    if record is None:
        raise NotFoundError(f"there is no role {request.arguments['id']}: it may have been deleted")
    return record


def page(request: PageRequest, draft: Draft, *, title: str) -> Page:
    require_write(request)
    tab = "roles" if draft.is_role else "tokens"
    return Page(
        template="dashboard/access/linked_edit.html",
        title=title,
        context={
            "written_at": draft.index,
            "tab_path": paths.tab(tab),
            "tab_label": "Roles" if draft.is_role else "Tokens",
            **context(
                request.mesh,
                request.caller,
                draft,
                now=request.now,
                datacenter=request.facts.datacenter,
            ),
        },
        watch_keys=(*WATCHED, watch.NODES, watch.SERVICES),  # whose names are offered
    )


def context(
    mesh: Mesh, caller: Caller, draft: Draft, *, now: datetime, datacenter: str
) -> dict[str, object]:
    """What linked_draft.html is filled with."""
    tab = "roles" if draft.is_role else "tokens"
    registry = mesh.registry
    return {
        "draft": draft,
        "preview": preview(mesh, draft, now=now, datacenter=datacenter),
        "offered": offered(
            mesh.acl,
            (name for name in registry.by_service if caller.may(SERVICE, Access.READ, name)),
            (name for name in registry.nodes if caller.may(NODE, Access.READ, name)),
        ),
        "back": paths.of(tab, draft.key) if draft.key else paths.tab(tab),
        "datacenter": datacenter,
    }
