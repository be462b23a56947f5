"""The page of one token: what it is linked to, and all that it may do because of that."""

from dashboard.access import rights as shown_rights
from dashboard.access.history import versions
from dashboard.access.links import links_of
from dashboard.access.page import WATCHED, may_write, refresh, require_read
from dashboard.access.tokens import token_row
from dashboard.pages import Page, PageRequest
from meshcore.acl.rights import given_to, rights
from meshcore.acl.types import ANONYMOUS_TOKEN, Token
from meshcore.actions.acl import is_last_management
from meshcore.lib.errors import NotFoundError
from meshcore.mesh.types import Topic


def token(request: PageRequest) -> Page:
    require_read(request)
    found = token_at(request)
    acl, datacenter = request.mesh.acl, request.facts.datacenter
    held = rights(given_to(found, acl, datacenter=datacenter))
    is_anonymous = found.accessor_id == ANONYMOUS_TOKEN
    row = token_row(found, acl, own=request.caller.accessor_id)
    return Page(
        template="dashboard/access/token.html",
        title=row.title,
        context={
            "row": row,
            "links": list(links_of(found, acl, datacenter=datacenter)),
            "may_write": may_write(request),
            "may_revoke": may_write(request) and not is_anonymous,
            "may_clone": may_write(request) and not is_anonymous and not found.auth_method,
            "is_last_management": is_last_management(found, acl, now=request.now),
            "versions": versions(request, Topic.TOKEN, found.accessor_id),
            **shown_rights.context(
                held, request.params, default_allow=request.facts.acl_default_allow
            ),
        },
        watch_keys=WATCHED,
        refresh=refresh(acl) if found.expires_at else None,
    )


def token_at(request: PageRequest) -> Token:
    accessor_id = request.arguments["accessor"]
    found = request.mesh.acl.token(accessor_id)
    if found is None:
        raise NotFoundError(f"no token has the accessor {accessor_id}: it may have been revoked")
    if found.is_expired(request.now):
        raise NotFoundError(f"the time of token {accessor_id} is over")
    return found
