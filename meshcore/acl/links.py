"""What a token or role may be linked to."""

from collections.abc import Iterator

from meshcore.acl.identities import rules_of_template
from meshcore.acl.names import require_node, require_service
from meshcore.acl.types import Role, Token
from meshcore.acl.view import Acl
from meshcore.lib.errors import NotFoundError


def require_links(linked: Token | Role, acl: Acl) -> None:
    """Raise NotFoundError that names all that is missing, InvalidError for an identity's name."""
    missing = [*_missing(linked, acl)]
    if missing:
        raise NotFoundError(f"there is no {', and no '.join(missing)}")
    for service_identity in linked.service_identities:
        require_service(service_identity.service)
    for node_identity in linked.node_identities:
        require_node(node_identity.node)
    for link in linked.templated_policies:
        rules_of_template(link.template, link.name)


def _missing(linked: Token | Role, acl: Acl) -> Iterator[str]:
    for policy_id in linked.policies:
        if acl.policy(policy_id) is None:
            yield f"policy with id {policy_id}"
    for role_id in linked.roles if isinstance(linked, Token) else ():
        if acl.role(role_id) is None:
            yield f"role with id {role_id}"
