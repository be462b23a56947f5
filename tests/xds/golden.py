"""What golden files are kept of; `python -m tests.xds.golden` makes the files anew."""

import json
from pathlib import Path

import msgspec
from envoy.service.discovery.v3 import discovery_pb2
from google.protobuf import json_format

from meshcore.intentions import matcher
from meshcore.intentions.types import HeaderMatch, Intention, Permission, RequestMatch
from meshcore.proxycfg.types import (
    Authorization,
    Destination,
    DestinationEndpoints,
    Endpoint,
    Limits,
    LocalApp,
    OutlierDetection,
    PublicListener,
    Scope,
    UpstreamListener,
)
from meshcore.xds import clusters, endpoints, listeners, rbac, routes, secrets
from meshcore.xds.resources import Resource

FOLDER = Path(__file__).parent.parent / "golden" / "xds"
SCOPE = Scope(datacenter="dc1", trust_domain="11111111-2222-3333-4444-555555555555.consul")

WEB_TO_DB = Intention(
    source="web",
    destination="db",
    revision=7,
    permissions=(
        Permission(action="allow", http=RequestMatch(path_exact="/health", methods=("GET",))),
        Permission(
            action="deny",
            http=RequestMatch(
                path_prefix="/admin",
                methods=("POST", "PUT"),
                headers=(
                    HeaderMatch(name="X-Role", exact="admin", is_inverted=True),
                    HeaderMatch(name="x-debug", present=True),
                ),
            ),
        ),
        Permission(action="allow", http=RequestMatch(path_regex="/orders/[0-9]+")),
    ),
)
API_TO_DB = Intention(source="api", destination="db", action="allow", revision=5)
ANY_TO_ANY = Intention(source="*", destination="*", action="deny", revision=2)


def authorization(*intentions: Intention, is_http: bool, default_allow: bool) -> Authorization:
    tree = matcher.tree(intentions, destination="db", is_http=is_http, default_allow=default_allow)
    return Authorization(
        service="db",
        is_http=is_http,
        tree=tree,
        changed_at=(7, 2),
        revoked_at=(5, 2),
        default_allow=default_allow,
    )


def public(protocol: str) -> PublicListener:
    return PublicListener(service="db", protocol=protocol, address="10.0.0.1", port=21000)


def resources() -> dict[str, Resource]:
    closed = authorization(WEB_TO_DB, API_TO_DB, ANY_TO_ANY, is_http=True, default_allow=False)
    tcp = authorization(WEB_TO_DB, API_TO_DB, is_http=False, default_allow=False)
    return {
        "cluster-local-app": clusters.local_app(
            LocalApp(protocol="http", address="127.0.0.1", port=8080)
        ),
        "cluster-local-app-grpc-socket": clusters.local_app(
            LocalApp(
                protocol="grpc",
                address="127.0.0.1",
                port=0,
                socket_path="/run/db.sock",
                connect_timeout_ms=1500,
                max_connections=100,
            )
        ),
        "cluster-destination-tcp": clusters.destination(
            Destination(service="db", protocol="tcp"), SCOPE
        ),
        "cluster-destination-grpc-tuned": clusters.destination(
            Destination(
                service="api",
                protocol="grpc",
                connect_timeout_ms=250,
                limits=Limits(
                    max_connections=10, max_pending_requests=0, max_concurrent_requests=20
                ),
                outlier_detection=OutlierDetection(
                    interval_s=10,
                    max_failures=5,
                    enforcing_percent=100,
                    max_ejection_percent=50,
                    base_ejection_s=30,
                ),
            ),
            SCOPE,
        ),
        "endpoints": endpoints.assignment(
            DestinationEndpoints(
                service="api",
                endpoints=(
                    Endpoint(address="10.0.0.2", port=21000, weight=4, is_healthy=True),
                    Endpoint(address="10.0.0.3", port=21001, weight=1, is_healthy=False),
                ),
            ),
            SCOPE,
        ),
        "endpoints-none": endpoints.assignment(
            DestinationEndpoints(service="api", endpoints=()), SCOPE
        ),
        "listener-public-tcp": listeners.public(public("tcp"), SCOPE, tcp.gate),
        "listener-public-http": listeners.public(public("http"), SCOPE, ""),
        "listener-public-grpc-tuned": listeners.public(
            msgspec.structs.replace(
                public("grpc"),
                max_connections=100,
                request_timeout_ms=0,
                idle_timeout_ms=60000,
                balance_connections=True,
            ),
            SCOPE,
            "",
        ),
        "listener-upstream-tcp": listeners.upstream(
            UpstreamListener(destination="db", protocol="tcp", address="127.0.0.1", port=5432),
            SCOPE,
        ),
        "listener-upstream-http-socket": listeners.upstream(
            UpstreamListener(
                destination="api",
                protocol="http",
                socket_path="/run/api.sock",
                socket_mode="0600",
            ),
            SCOPE,
        ),
        "route-upstream": routes.upstream("api", SCOPE),
        "secret-leaf": secrets.leaf("CERTIFICATE", "PRIVATE KEY"),
        "secret-roots": secrets.roots("CERTIFICATES"),
        "intentions-http": rbac.intentions(closed, SCOPE),
        "intentions-tcp": rbac.intentions(tcp, SCOPE),
        "intentions-default-allow": rbac.intentions(
            authorization(is_http=False, default_allow=True), SCOPE
        ),
    }


def as_json(resource: Resource) -> str:
    response = discovery_pb2.DeltaDiscoveryResponse.FromString(resource.framed)
    content = json_format.MessageToDict(
        response.resources[0].resource, preserving_proto_field_name=True
    )
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def file(name: str) -> Path:
    return FOLDER / f"{name}.json"


if __name__ == "__main__":
    for name, resource in resources().items():
        file(name).write_text(as_json(resource))
