"""Sidecars and their tokens: whom the control plane serves, and until when."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from uuid import uuid4

import grpc
import pytest
from envoy.service.discovery.v3 import discovery_pb2
from msgspec.structs import replace

from meshcore.acl.types import Policy, Role
from meshcore.intentions.types import Intention
from meshcore.mesh.types import Topic
from meshcore.registry.types import Upstream
from meshcore.telemetry import door as telemetry
from meshcore.xds.names import CDS
from meshcore.xds.server import SERVICE, TOKEN
from tests.e2e.apps import tcp_app
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import DATACENTER, LOOPBACK, NODE, ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = pytest.mark.e2e

UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED
DENIED = grpc.StatusCode.PERMISSION_DENIED


@pytest.fixture(scope="module")
def has_acls() -> bool:
    return True


@pytest.fixture(scope="module")
def channel(plane: ControlPlane) -> Iterator[grpc.Channel]:
    certificates = plane.store.mesh.certificates
    credentials = grpc.ssl_channel_credentials(certificates.trust_bundle().encode())
    server = f"server.{DATACENTER}.{certificates.trust_domain}"
    options = [("grpc.ssl_target_name_override", server)]
    address = f"{LOOPBACK}:{plane.xds.port}"
    with grpc.secure_channel(address, credentials, options=options) as opened:
        yield opened


@contextmanager
def stream(
    channel: grpc.Channel, proxy_id: str, token: str
) -> "Iterator[grpc.CallIterator[bytes]]":
    request = discovery_pb2.DeltaDiscoveryRequest(type_url=CDS)
    request.node.id = proxy_id
    requests: SimpleQueue[bytes | None] = SimpleQueue()
    requests.put(request.SerializeToString())
    call = channel.stream_stream(f"/{SERVICE}/DeltaAggregatedResources")
    try:
        yield call(iter(requests.get, None), metadata=[(TOKEN, token)] if token else [])
    finally:
        requests.put(None)


def ending(answers: "grpc.CallIterator[bytes]") -> tuple[grpc.StatusCode, str]:
    """How the stream ends, once it does."""
    with pytest.raises(grpc.RpcError) as ended:
        for _ in answers:
            pass
    return ended.value.code(), ended.value.details()


@pytest.fixture(scope="module")
def web(plane: ControlPlane) -> str:
    plane.give_token("web", secret="web's")
    plane.give_token("api", secret="api's")
    expired = datetime.now(UTC) - timedelta(seconds=1)
    plane.give_token("web", secret="expired", expires_at=expired)
    return plane.register_sidecar("web", port=free_port(), app_port=1)


REFUSED = [
    ("", DENIED, "anonymous token lacks permission 'service:write' on \"web\""),
    ("api's", DENIED, "lacks permission 'service:write' on \"web\""),
    ("nobody's", UNAUTHENTICATED, "ACL not found"),
    ("expired", UNAUTHENTICATED, "this token expired"),
]


@pytest.mark.parametrize(("token", "code", "told"), REFUSED)
def test_a_proxy_without_a_token_for_its_service_is_refused(
    web: str, channel: grpc.Channel, token: str, code: grpc.StatusCode, told: str
) -> None:
    with stream(channel, web, token) as answers:
        ended, details = ending(answers)
    assert ended is code
    assert told in details


@pytest.mark.parametrize(("token", "code", "told"), REFUSED)
def test_an_envoy_without_a_token_for_its_service_is_given_nothing(
    web: str, start_envoy: StartEnvoy, token: str, code: grpc.StatusCode, told: str
) -> None:
    envoy = start_envoy(web, "web", token=token)
    said = f"stream to local_agent closed: {code.value[0]}, "
    eventually(lambda: said in envoy.log.read_text(), "it is told that it is refused")
    assert told in envoy.log.read_text()
    assert envoy.listeners() == set()


def test_a_token_of_nobody_may_not_even_wait_for_a_registration(channel: grpc.Channel) -> None:
    with stream(channel, "late-sidecar-proxy", "nobody's") as answers:
        assert ending(answers) == (UNAUTHENTICATED, "ACL not found")


def test_the_stream_ends_when_the_token_expires(
    plane: ControlPlane, web: str, channel: grpc.Channel
) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.2)
    plane.give_token("web", secret="soon over", expires_at=soon)
    with stream(channel, web, "soon over") as answers:
        assert next(answers)
        assert ending(answers)[0] is UNAUTHENTICATED
    assert timedelta() <= datetime.now(UTC) - soon < timedelta(seconds=1)


POLICY = Policy(
    id="11111111-2222-3333-4444-555555555555",
    name="web",
    rules='service "web" { policy = "write" }',
)
ROLE = Role(id="11111111-2222-3333-4444-666666666666", name="web", policies=(POLICY.id,))


@pytest.mark.parametrize(
    ("topic", "key", "after"),
    [
        pytest.param(
            Topic.POLICY,
            POLICY.id,
            replace(POLICY, rules='service "web" { policy = "read" }'),
            id="a policy of the role says less",
        ),
        pytest.param(Topic.POLICY, POLICY.id, None, id="a policy of the role is gone"),
        pytest.param(Topic.ROLE, ROLE.id, replace(ROLE, policies=()), id="the role has no policy"),
        pytest.param(Topic.ROLE, ROLE.id, None, id="the role is gone"),
    ],
)
def test_the_stream_ends_when_a_change_takes_the_right_away(
    plane: ControlPlane,
    web: str,
    channel: grpc.Channel,
    topic: Topic,
    key: str,
    after: Policy | Role | None,
) -> None:
    plane.put(Topic.POLICY, (POLICY.id,), POLICY)
    plane.put(Topic.ROLE, (ROLE.id,), ROLE)
    secret = str(uuid4())
    accessor = plane.give_token("other", secret=secret, roles=(ROLE.id,))
    with stream(channel, web, secret) as answers:
        assert next(answers)
        plane.put(topic, (key,), after)
        assert ending(answers)[0] is DENIED
    plane.revoke(accessor)


@pytest.mark.parametrize(
    ("token", "proxy", "code"),
    [
        ("", "web-1-sidecar-proxy", DENIED),
        ("nobody's", "web-1-sidecar-proxy", UNAUTHENTICATED),
        ("other's", "web-1-sidecar-proxy", DENIED),
        ("web's", "nothing-1-sidecar-proxy", grpc.StatusCode.NOT_FOUND),
        ("", "nothing-1-sidecar-proxy", DENIED),
    ],
)
def test_counts_are_taken_from_the_sidecar_itself_alone(
    plane: ControlPlane, web: str, channel: grpc.Channel, token: str, proxy: str, code: object
) -> None:
    plane.give_token("other", secret="other's")
    export = channel.unary_unary(f"/{telemetry.SERVICE}/Export")
    own = [(telemetry.NODE, NODE), (telemetry.PROXY, web), (TOKEN, "web's")]
    assert export(b"", metadata=own) == b""
    claimed = [(telemetry.NODE, NODE), (telemetry.PROXY, proxy)]
    with pytest.raises(grpc.RpcError) as refused:
        export(b"", metadata=claimed + ([(TOKEN, token)] if token else []))
    assert refused.value.code() is code


def test_a_sidecar_whose_token_is_revoked_keeps_serving_and_comes_back_with_a_new_one(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    port = free_port()
    plane.intend("db", Intention(source="shop", destination="db", action="allow"))
    first = plane.give_token("shop", secret="first")
    plane.give_token("db", secret="db's")
    with tcp_app("db") as app_port:
        upstream = Upstream(destination_name="db", local_bind_port=port)
        shop = plane.register_sidecar("shop", port=free_port(), app_port=1, upstreams=[upstream])
        db = plane.register_sidecar("db", port=free_port(), app_port=app_port)
        start_envoy(db, "db", token="db's").wait_for_listener()
        envoy = start_envoy(shop, "shop", token="first")
        envoy.wait_for_listener("db:")
        accessors = {stream.proxy_id: stream.accessor for stream in plane.connected()}
        assert accessors[shop] == first
        plane.revoke(first)
        eventually(lambda: shop not in connected(plane), "its stream has ended", within_s=1)
        assert said_by(port) == b"db"
        envoy.stop()
        plane.give_token("shop", secret="second")
        again = start_envoy(shop, "shop", token="second")
        again.wait_for_listener("db:")
        assert shop in connected(plane)
        assert said_by(port) == b"db"


def connected(plane: ControlPlane) -> set[str]:
    return {stream.proxy_id for stream in plane.connected()}


def said_by(port: int) -> bytes:
    with socket.create_connection((LOOPBACK, port), timeout=5) as connection:
        connection.sendall(b"hello")
        return connection.recv(100)
