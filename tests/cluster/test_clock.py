"""A server whose clock is set while it runs: what it waits for goes by another clock."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.data_plane import DataPlane
from tests.cluster.processes import Server, until
from tests.cluster.test_drills import under_load, until_connected

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
HOUR_S = 3600

pytestmark = pytest.mark.skipif(not LIBRARIES, reason="needs Debian's package libfaketime")


@pytest.fixture
def clock(cluster: Cluster) -> Iterator[Path]:
    """Holds by how much the first server's clock differs from ours."""
    file, server = cluster.folder / "clock", cluster.servers[0]
    file.write_text("+0\n")
    usual = server.env
    server.env = usual | {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    restart(server)
    yield file
    server.env = usual
    restart(server)


def restart(server: Server) -> None:
    server.stop()
    server.start()
    server.wait_until_ready()


def is_ahead(client: httpx.Client, offset_s: float) -> bool:
    said = client.get("/v1/agent/metrics").json()["Timestamp"]
    at = datetime.strptime(said, "%Y-%m-%d %H:%M:%S +0000 UTC").replace(tzinfo=UTC)
    return abs((at - datetime.now(UTC)).total_seconds() - offset_s) < 60


def test_a_clock_that_is_stepped(cluster: Cluster, data_plane: DataPlane, clock: Path) -> None:
    with cluster.client(cluster.servers[0].url) as client, under_load(cluster, data_plane) as load:
        for offset_s in (HOUR_S, -HOUR_S, 0):
            clock.write_text(f"{offset_s:+d}\n")
            until(partial(is_ahead, client, offset_s), "the clock is set")
            load.until_written(30)
            until_connected(data_plane)
            answer = client.get("/v1/catalog/nodes")
            assert answer.headers["X-Consul-LastContact"] == "0"
