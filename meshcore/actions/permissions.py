"""What a token must hold to make a change, or to be shown it: the same at every door.

Worked example: an entry of the log says that an instance of web was registered and an intention
toward db made. To see the first takes service:read on web, to see the second intention:read on db;
to undo the entry takes both as write.
"""

from collections.abc import Iterable

from meshcore.acl.rules import Access, Rule, RuleKind, exactly
from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.config_entries.types import OtherEntry, ProxyDefaults, ServiceDefaults
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.types import Change, Value
from meshcore.registry.types import Check, Instance, Node

Guard = tuple[RuleKind, str]  # which kind of rule, about which name

ANYBODY: tuple[Guard, ...] = ()
OF_ONE_SERVICE = ("service-defaults", "service-resolver", "service-router", "service-splitter")
OF_OPERATORS = ("control-plane-request-limit", "rate-limit")
READ_BY_SERVICE = ("ingress-gateway", "terminating-gateway")
READ_BY_ALL = ("mesh", "proxy-defaults")


def to_write(change: Change) -> tuple[Rule, ...]:
    """Everything that is needed; a change from one service to another needs it of both."""
    return _rules((guard for value in _values(change) for guard in _writers(value)), Access.WRITE)


def to_read(change: Change) -> tuple[Rule, ...]:
    """Nothing where anybody may see it."""
    return _rules((guard for value in _values(change) for guard in _readers(value)), Access.READ)


def _values(change: Change) -> tuple[Value, ...]:
    return tuple(value for value in (change.before, change.after) if value is not None)


def _rules(guards: Iterable[Guard], access: Access) -> tuple[Rule, ...]:
    return tuple(exactly(kind, name, access) for kind, name in dict.fromkeys(guards))


def _writers(value: Value) -> tuple[Guard, ...]:
    match value:
        case Node():
            return ((RuleKind.NODE, value.name),)
        case Instance():
            return ((RuleKind.SERVICE, value.service),)
        case Check():
            return (_of_check(value),)
        case ServiceIntentions():
            return ((RuleKind.INTENTION, value.destination),)
        case ServiceDefaults() | ProxyDefaults() | OtherEntry():
            return (_of_entry(value.kind, value.name),)
        case Trust() | Root() | Leaf():
            return ((RuleKind.OPERATOR, ""),)
        case _:
            return ((RuleKind.ACL, ""),)


def _readers(value: Value) -> tuple[Guard, ...]:
    match value:
        case Trust() | Root():  # public: every client is given them
            return ANYBODY
        case Leaf():
            return ((RuleKind.SERVICE, value.service),)
        case ProxyDefaults():
            return ANYBODY
        case OtherEntry() if value.kind in READ_BY_ALL:
            return ANYBODY
        case OtherEntry() if value.kind in READ_BY_SERVICE:
            return ((RuleKind.SERVICE, value.name),)
        case _:
            return _writers(value)


def _of_check(check: Check) -> Guard:
    if check.service_id:
        return (RuleKind.SERVICE, check.service)
    return (RuleKind.NODE, check.node)


def _of_entry(kind: str, name: str) -> Guard:
    if kind in OF_ONE_SERVICE:
        return (RuleKind.SERVICE, name)
    if kind in OF_OPERATORS:
        return (RuleKind.OPERATOR, "")
    return (RuleKind.MESH, "")
