"""A shop of some size beside the demo, registered over /v1: nothing of it runs."""

from collections.abc import Iterator

import httpx
import msgspec

NODES = tuple(f"vm-{number:02}" for number in range(1, 9))


class Service(msgspec.Struct, frozen=True):
    name: str
    calls: str = ""  # names with blanks between
    protocol: str = "http"
    instances: int = 2
    sick: str = ""  # the status of the first instance's check
    output: str = ""
    has_sidecar: bool = True


GROUPS = {
    "storefront": (
        Service("web", "catalog search cart accounts recommendations", instances=4),
        Service("mobile-gateway", "catalog cart accounts push", instances=3),
        Service("admin", "accounts orders reports flags"),
        Service("search", "search-index", "http2", 3),
        Service("search-index", protocol="tcp", instances=3),
        Service("recommendations", "features catalog", "grpc"),
        Service("flags", "flags-db", "grpc"),
        Service("flags-db", protocol="tcp", instances=1),
    ),
    "orders": (
        Service("cart", "cart-cache pricing flags", instances=3),
        Service("cart-cache", protocol="tcp", instances=3),
        Service("orders", "orders-db payments inventory events", instances=3),
        Service("orders-db", protocol="tcp", instances=2),
        Service("pricing", "catalog flags", "grpc"),
        Service(
            "inventory", "inventory-db events", instances=3, sick="warning",
            output="replica is 12 s behind its primary",
        ),
        Service("inventory-db", protocol="tcp", instances=2),
        Service("catalog", "catalog-db search-index", instances=4),
        Service("catalog-db", protocol="tcp", instances=2),
    ),
    "payments": (
        Service(
            "payments", "ledger fraud vault", "grpc", 3, "critical",
            "GET http://10.0.1.7:8443/healthz: 503 Service Unavailable: no connection to ledger",
        ),
        Service("ledger", "ledger-db events", "grpc"),
        Service("ledger-db", protocol="tcp", instances=3),
        Service("fraud", "features", "grpc"),
        Service("vault", protocol="tcp", instances=3),
        Service("invoices", "ledger mailer", sick="warning", output="queue holds 4,120 invoices"),
    ),
    "people": (
        Service("accounts", "accounts-db sessions events", instances=3),
        Service("accounts-db", protocol="tcp", instances=2),
        Service("sessions", protocol="tcp", instances=3),
        Service("push", "accounts", "grpc"),
        Service("mailer", "templates"),
        Service("templates", instances=1),
        Service("support", "accounts orders mailer"),
    ),
    "insight": (
        Service("events", "stream", "grpc", 3),
        Service("stream", protocol="tcp", instances=3),
        Service("features", "feature-store stream", "grpc"),
        Service("feature-store", protocol="tcp", instances=2),
        Service("reports", "warehouse"),
        Service("warehouse", protocol="tcp", instances=1),
        Service("metrics", "warehouse"),
        Service("legacy-batch", "warehouse orders-db", instances=1, has_sidecar=False),
    ),
}  # fmt: skip

# Everybody may call these; all other calls are denied unless an intention names both ends.
OPEN_TO_ALL = ("events", "flags", "metrics")
DEMO = (("frontend", "public-api"), ("public-api", "product-api"), ("product-api", "postgres"))
CONDITIONAL = {
    ("support", "orders"): [
        {"Action": "allow", "HTTP": {"PathPrefix": "/v1/orders", "Methods": ["GET"]}},
        {"Action": "deny", "HTTP": {"PathPrefix": "/"}},
    ],
    ("admin", "accounts"): [
        {"Action": "deny", "HTTP": {"PathPrefix": "/internal"}},
        {"Action": "allow", "HTTP": {"PathPrefix": "/", "Methods": ["GET", "PUT"]}},
    ],
}
DENIED = (("recommendations", "catalog"), ("admin", "reports"), ("invoices", "mailer"))


def register(client: httpx.Client) -> None:
    for path, body in requests():
        client.put(path, json=body).raise_for_status()


def requests() -> Iterator[tuple[str, object]]:
    number = 0
    for group, services in GROUPS.items():
        for service in services:
            entry = {"Kind": "service-defaults", "Name": service.name, "Protocol": service.protocol}
            yield "/v1/config", entry
            for each in range(service.instances):
                number += 1
                yield from instance(service, group, number=number, place=each)
    yield from intentions()


def instance(
    service: Service, group: str, *, number: int, place: int
) -> Iterator[tuple[str, object]]:
    node = NODES[number % len(NODES)]
    own = {
        "ID": f"{service.name}-{place + 1}",
        "Service": service.name,
        "Address": f"10.0.1.{number}",
        "Port": 8000 + number,
        "Tags": ["v2"] if place == 0 and service.instances > 1 else ["v1"],
        "Meta": {"group": group, "owner": f"team-{group}"},
    }
    is_sick = bool(service.sick) and place == 0
    check = {
        "CheckID": f"service:{own['ID']}",
        "Name": "serves requests" if service.protocol != "tcp" else "accepts connections",
        "Status": service.sick if is_sick else "passing",
        "Output": service.output if is_sick else "",
        "ServiceID": own["ID"],
    }
    address = f"10.0.0.{1 + NODES.index(node)}"
    meta = {"zone": "ab"[number % 2], "machine": "c4.large"}
    on_node = {"Node": node, "Address": address, "NodeMeta": meta}
    yield "/v1/catalog/register", {**on_node, "Service": own, "Check": check}
    if service.has_sidecar:
        yield "/v1/catalog/register", {**on_node, "Service": sidecar(service, own)}


def sidecar(service: Service, own: dict[str, object]) -> object:
    upstreams = [
        {"DestinationName": name, "LocalBindPort": 9100 + place}
        for place, name in enumerate(service.calls.split())
    ]
    return {
        "ID": f"{own['ID']}-sidecar-proxy",
        "Service": f"{service.name}-sidecar-proxy",
        "Kind": "connect-proxy",
        "Address": own["Address"],
        "Port": 21000,
        "Proxy": {
            "DestinationServiceName": service.name,
            "DestinationServiceID": own["ID"],
            "LocalServicePort": own["Port"],
            "Upstreams": upstreams,
        },
    }


def intentions() -> Iterator[tuple[str, object]]:
    """What is called may be called, but for some, and nothing else may."""
    for source, destination in DEMO:
        yield between(source, destination, deny=False)
    for services in GROUPS.values():
        for service in services:
            for name in service.calls.split():
                if (service.name, name) not in CONDITIONAL:
                    yield between(service.name, name, deny=(service.name, name) in DENIED)
    for (source, destination), permissions in CONDITIONAL.items():
        query = f"source={source}&destination={destination}"
        yield f"/v1/connect/intentions/exact?{query}", {"Permissions": permissions}
    for name in OPEN_TO_ALL:
        yield between("*", name, deny=False)
    yield between("*", "*", deny=True)


def between(source: str, destination: str, *, deny: bool) -> tuple[str, object]:
    query = f"source={source}&destination={destination}"
    action = "deny" if deny else "allow"
    return f"/v1/connect/intentions/exact?{query}", {"Action": action}
