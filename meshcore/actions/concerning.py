"""Which names a change is about: what one types to find it in the log."""

from collections.abc import Iterator

from meshcore.acl.types import BindingRule, Policy, Role, Token
from meshcore.certificates.types import Leaf
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.types import Change, Value
from meshcore.registry.types import Check, Instance


def names(change: Change) -> frozenset[str]:
    """The parts of its key, the service behind it, and the callers in intentions."""
    found = set(change.key)
    for value in (change.before, change.after):
        if value is not None:
            found.update(_names_in(value))
    return frozenset(name for name in found if name)


def _names_in(value: Value) -> Iterator[str]:
    match value:
        case Instance():
            yield from (value.service, value.mesh_destination)
        case Check():
            yield from (value.service_id, value.service)
        case Leaf():
            yield value.service
        case ServiceIntentions():
            yield from (intention.source for intention in value.intentions)
        case Policy() | Role():
            yield value.name
        case Token():
            yield value.description
        case BindingRule():
            yield value.auth_method
