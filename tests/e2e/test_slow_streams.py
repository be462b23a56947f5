"""A client that doesn't read what it is sent, over real flow control."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

import grpc
import pytest
from envoy.service.discovery.v3 import discovery_pb2

from meshcore.registry.types import Upstream
from meshcore.xds.names import CDS
from meshcore.xds.server import SERVICE
from tests.e2e.control_plane import DATACENTER, LOOPBACK, ControlPlane
from tests.e2e.envoys import eventually

pytestmark = pytest.mark.e2e

UPSTREAMS = 1000  # whose clusters together are more than a client takes in without reading


@pytest.fixture
def channel(plane: ControlPlane) -> Iterator[grpc.Channel]:
    certificates = plane.store.mesh.certificates
    credentials = grpc.ssl_channel_credentials(certificates.trust_bundle().encode())
    server = f"server.{DATACENTER}.{certificates.trust_domain}"
    options = [
        ("grpc.ssl_target_name_override", server),
        # Take in no more than this without being read, instead of ever more when there is memory.
        ("grpc.http2.bdp_probe", 0),
        ("grpc.http2.lookahead_bytes", 65536),
    ]
    address = f"{LOOPBACK}:{plane.xds.port}"
    with grpc.secure_channel(address, credentials, options=options) as opened:
        yield opened


@contextmanager
def asking_for_clusters(
    channel: grpc.Channel, proxy_id: str
) -> "Iterator[grpc.CallIterator[bytes]]":
    """The stream stays open from this side: nothing more is asked, and nothing confirmed."""
    request = discovery_pb2.DeltaDiscoveryRequest(type_url=CDS)
    request.node.id = proxy_id
    requests: SimpleQueue[bytes | None] = SimpleQueue()
    requests.put(request.SerializeToString())
    call = channel.stream_stream(f"/{SERVICE}/DeltaAggregatedResources")
    try:
        yield call(iter(requests.get, None))
    finally:
        requests.put(None)


def test_a_stream_that_is_not_read_is_cut_off_and_catches_up_when_it_comes_back(
    plane: ControlPlane, channel: grpc.Channel
) -> None:
    names = [f"api-{number}" for number in range(UPSTREAMS)]
    upstreams = [
        Upstream(destination_name=name, local_bind_port=10000 + number)
        for number, name in enumerate(names)
    ]
    web = plane.register_sidecar("web", port=21000, app_port=1, upstreams=upstreams)
    plane.run(plane.xds.stop())
    plane.serve_again(write_timeout_s=0.2)
    with asking_for_clusters(channel, web) as silent:
        eventually(lambda: plane.cut_streams() == 1, "cut off and counted")
        eventually(lambda: plane.connected() == [], "nothing is kept of it")
        with pytest.raises(grpc.RpcError) as ended:
            list(silent)
        assert ended.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    with asking_for_clusters(channel, web) as reading:
        response = discovery_pb2.DeltaDiscoveryResponse.FromString(next(reading))
        called = {resource.name.partition(".")[0] for resource in response.resources}
        assert called == {*names, "local_app"}
        assert [stream.proxy_id for stream in plane.connected()] == [web]
    assert plane.cut_streams() == 1
