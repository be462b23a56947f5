"""The page of one role: what it is linked to, what follows from that, and who holds it."""

from dashboard.access import rights as shown_rights
from dashboard.access.history import versions
from dashboard.access.linked_pages import role_at
from dashboard.access.links import links_of
from dashboard.access.page import WATCHED, may_write, require_read
from dashboard.access.uses import of_roles, uses
from dashboard.pages import Page, PageRequest
from meshcore.acl.rights import given_to, rights
from meshcore.mesh.types import Topic


def role(request: PageRequest) -> Page:
    require_read(request)
    found = role_at(request).value
    acl, datacenter = request.mesh.acl, request.facts.datacenter
    held = rights(given_to(found, acl, datacenter=datacenter))
    return Page(
        template="dashboard/access/role.html",
        title=found.name,
        context={
            "role": found,
            "links": list(links_of(found, acl, datacenter=datacenter)),
            "users": uses(acl, of_roles, found.id),
            "may_write": may_write(request),
            "versions": versions(request, Topic.ROLE, found.id),
            **shown_rights.context(
                held, request.params, default_allow=request.facts.acl_default_allow
            ),
        },
        watch_keys=WATCHED,
    )
