"""What a token must hold to make a change, or to be shown it: the same at every door.

Worked example: an entry of the log says that an instance of web was registered and an intention
toward db made. To see the first takes service:read on web, to see the second intention:read on db;
to undo the entry takes both as write.
"""

from collections.abc import Iterable, Iterator

from meshcore.acl.rules import UNSEGMENTED, Access, Rule, RuleKind, exactly
from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.config_entries.types import OtherEntry, ProxyDefaults, ServiceDefaults
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.entries import Entry, kind_and_name
from meshcore.mesh.types import Change, Topic, Value
from meshcore.registry.types import CONNECT_PROXY, Check, Instance, Node

Guard = tuple[RuleKind, str]  # which kind of rule, about which name

ANYBODY: tuple[Guard, ...] = ()
# Each kind of config entry with what it takes to read and to write one: the rule for the service
# that it is named after, or for the whole mesh; None where anybody may read it.
ENTRIES: dict[str, tuple[RuleKind | None, RuleKind]] = {
    "api-gateway": (RuleKind.MESH, RuleKind.MESH),
    "bound-api-gateway": (RuleKind.MESH, RuleKind.MESH),
    "control-plane-request-limit": (RuleKind.OPERATOR, RuleKind.OPERATOR),
    "exported-services": (RuleKind.MESH, RuleKind.MESH),
    "file-system-certificate": (RuleKind.MESH, RuleKind.MESH),
    "http-route": (RuleKind.MESH, RuleKind.MESH),
    "ingress-gateway": (RuleKind.SERVICE, RuleKind.MESH),
    "inline-certificate": (RuleKind.MESH, RuleKind.MESH),
    "jwt-provider": (RuleKind.MESH, RuleKind.MESH),
    "mesh": (None, RuleKind.MESH),
    "proxy-defaults": (None, RuleKind.MESH),
    "rate-limit": (RuleKind.OPERATOR, RuleKind.OPERATOR),
    "sameness-group": (RuleKind.MESH, RuleKind.MESH),
    "service-defaults": (RuleKind.SERVICE, RuleKind.SERVICE),
    "service-intentions": (RuleKind.INTENTION, RuleKind.INTENTION),
    "service-resolver": (RuleKind.SERVICE, RuleKind.SERVICE),
    "service-router": (RuleKind.SERVICE, RuleKind.SERVICE),
    "service-splitter": (RuleKind.SERVICE, RuleKind.SERVICE),
    "tcp-route": (RuleKind.MESH, RuleKind.MESH),
    "terminating-gateway": (RuleKind.SERVICE, RuleKind.MESH),
}
ROUTING = ("service-resolver", "service-router", "service-splitter")


def to_write(change: Change) -> tuple[Rule, ...]:
    """Everything that is needed; a change from one service to another needs it of both."""
    if change.topic is Topic.PLACE:
        return (exactly(RuleKind.SERVICE, change.key[0], Access.WRITE),)
    return _rules((guard for value in _values(change) for guard in _writers(value)), Access.WRITE)


def to_read(change: Change) -> tuple[Rule, ...]:
    """Nothing where anybody may see it."""
    if change.topic is Topic.PLACE:
        return (exactly(RuleKind.SERVICE, change.key[0], Access.READ),)
    return _rules((guard for value in _values(change) for guard in _readers(value)), Access.READ)


def to_put_entry(entry: Entry) -> tuple[Rule, ...]:
    """Whoever sends a service's traffic on to others must be able to see them."""
    kind, name = kind_and_name(entry)
    others = {name}
    if isinstance(entry, OtherEntry) and kind in ROUTING:
        others |= set(_services_in(entry.body))
    seen = (exactly(RuleKind.SERVICE, other, Access.READ) for other in sorted(others - {name}))
    return (*to_write_entry(kind, name), *seen)


def to_write_entry(kind: str, name: str) -> tuple[Rule, ...]:
    return _rules(_entry_writers(kind, name), Access.WRITE)


def to_read_entry(kind: str, name: str) -> tuple[Rule, ...]:
    return _rules(_entry_readers(kind, name), Access.READ)


def _services_in(document: object) -> Iterator[str]:
    """Destinations of routes and splits, redirects, failovers: all of them call it Service."""
    if isinstance(document, list):
        for item in document:
            yield from _services_in(item)
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "Service" and isinstance(value, str):
                yield value
            yield from _services_in(value)


def _values(change: Change) -> tuple[Value, ...]:
    return tuple(value for value in (change.before, change.after) if value is not None)


def _rules(guards: Iterable[Guard], access: Access) -> tuple[Rule, ...]:
    return tuple(exactly(kind, name, access) for kind, name in dict.fromkeys(guards))


def _writers(value: Value) -> tuple[Guard, ...]:
    match value:
        case Node():
            return ((RuleKind.NODE, value.name),)
        case Instance():
            return _of_instance(value)
        case Check():
            return (_of_check(value),)
        case ServiceIntentions():
            return _entry_writers("service-intentions", value.destination)
        case ServiceDefaults() | ProxyDefaults() | OtherEntry():
            return _entry_writers(value.kind, value.name)
        case Trust() | Root() | Leaf():
            return ((RuleKind.OPERATOR, ""),)
        case _:
            return ((RuleKind.ACL, ""),)


def _readers(value: Value) -> tuple[Guard, ...]:
    match value:
        case Trust() | Root():  # public: every client is given them
            return ANYBODY
        case Instance() | Leaf():
            return ((RuleKind.SERVICE, value.service),)
        case ServiceDefaults() | ProxyDefaults() | OtherEntry():
            return _entry_readers(value.kind, value.name)
        case _:
            return _writers(value)


def _of_instance(instance: Instance) -> tuple[Guard, ...]:
    service = (RuleKind.SERVICE, instance.service)
    if instance.kind != CONNECT_PROXY or instance.proxy is None:
        return (service,)
    # Callers of the destination are sent to the proxy, so it is as good as an instance of that.
    return service, (RuleKind.SERVICE, instance.proxy.destination_service)


def _of_check(check: Check) -> Guard:
    if check.service_id:
        return (RuleKind.SERVICE, check.service)
    return (RuleKind.NODE, check.node)


def _entry_writers(kind: str, name: str) -> tuple[Guard, ...]:
    return (_named(ENTRIES[kind][1], name),)


def _entry_readers(kind: str, name: str) -> tuple[Guard, ...]:
    reader, _ = ENTRIES[kind]
    return (_named(reader, name),) if reader else ANYBODY


def _named(kind: RuleKind, name: str) -> Guard:
    return (kind, "" if kind in UNSEGMENTED else name)
