"""The page of one binding rule: its form, and the dry run of a login."""

from dashboard.access.history import versions
from dashboard.access.page import WATCHED, may_write, require_read, require_write
from dashboard.access.rule_draft import SAMPLE, Draft, context
from dashboard.pages import Page, PageRequest
from meshcore.acl.types import BindingRule
from meshcore.lib.errors import NotFoundError
from meshcore.mesh.types import Topic


def rule_new(request: PageRequest) -> Page:
    require_write(request)
    wanted = request.params.get("method") or next(iter(sorted(request.mesh.acl.auth_methods)), "")
    rule = BindingRule(id=SAMPLE, auth_method=wanted, bind_type="service", bind_name="")
    return page(request, Draft(rule=rule), title="New binding rule")


def rule(request: PageRequest) -> Page:
    require_read(request)
    record = request.mesh.acl.binding_rules.get(request.arguments["id"])
    if record is None:
        rule_id = request.arguments["id"]
        raise NotFoundError(f"there is no binding rule {rule_id}: it may have been deleted")
    draft = Draft(rule=record.value, index=record.modify_index)
    title = f"{record.value.bind_type} {record.value.bind_name}"
    return page(request, draft, title=title)


def page(request: PageRequest, draft: Draft, *, title: str) -> Page:
    return Page(
        template="dashboard/access/rule.html",
        title=title,
        context={
            "written_at": draft.index,
            "may_edit": may_write(request),
            "versions": []
            if draft.is_new
            else versions(request, Topic.BINDING_RULE, draft.rule.id),
            **context(request.mesh, draft),
        },
        watch_keys=WATCHED,
    )
