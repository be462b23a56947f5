"""The page of one policy: its editor, what it allows, who holds it, and how it came to be so."""

from msgspec.structs import replace

from dashboard.access.history import Version, versions
from dashboard.access.page import WATCHED, may_write, require_read, require_write
from dashboard.access.policy_draft import Draft, context, draft_of
from dashboard.access.uses import Use, of_policies, uses
from dashboard.pages import Page, PageRequest
from meshcore.acl.types import Policy
from meshcore.lib.errors import NotFoundError
from meshcore.lib.records import Record
from meshcore.mesh.types import Topic


def policy_new(request: PageRequest) -> Page:
    require_write(request)
    return page(request, Draft(), title="New policy")


def policy(request: PageRequest) -> Page:
    require_read(request)
    record = policy_at(request)
    policy_id = record.value.id
    written = versions(request, Topic.POLICY, policy_id)
    draft = draft_of(record)
    if wanted := request.params.get("at"):
        draft = as_of(draft, written, wanted)
    return page(
        request,
        draft,
        title=record.value.name,
        users=uses(request.mesh.acl, of_policies, policy_id),
        written=written,
    )


def policy_at(request: PageRequest) -> Record[Policy]:
    policy_id = request.arguments["id"]
    record = request.mesh.acl.policies.get(policy_id)
    if record is None:
        raise NotFoundError(f"there is no policy {policy_id}: it may have been deleted")
    return record


def as_of(draft: Draft, written: list[Version], wanted: str) -> Draft:
    """An older version, ready to be saved again over the one that is in force."""
    version = next((each for each in written if str(each.index) == wanted), None)
    if version is None or not isinstance(version.value, Policy):
        raise NotFoundError(f"policy {draft.name} was not written by change {wanted}")
    older = draft_of(Record(version.value, 0, 0))
    return replace(older, index=draft.index)


def page(
    request: PageRequest,
    draft: Draft,
    *,
    title: str,
    users: list[Use] | None = None,
    written: list[Version] | None = None,
) -> Page:
    default_allow = request.facts.acl_default_allow
    record = request.mesh.acl.policies.get(draft.key)
    return Page(
        template="dashboard/access/policy.html",
        title=title,
        context={
            "written_at": record.modify_index if record else 0,
            "users": users or [],
            "versions": written or [],
            "may_edit": may_write(request) and not draft.is_builtin,
            **context(request.mesh, draft, request.params, default_allow=default_allow),
        },
        watch_keys=WATCHED,
    )
