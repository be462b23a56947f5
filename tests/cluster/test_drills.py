"""Whatever fails, nothing acknowledged is lost and no request between services fails."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.data_plane import DataPlane
from tests.cluster.load import Load, dead_agents, lost
from tests.cluster.processes import Server, until

RACED_FOR = {"Kind": "service-defaults", "Name": "raced-for", "Protocol": "http"}
# The drills last 20 and 30 s; the short ones pass through the same states.
OUTAGES_S = [
    pytest.param(5, id="short"),
    pytest.param(30, id="long", marks=pytest.mark.slow),
]


@contextmanager
def under_load(cluster: Cluster, data_plane: DataPlane) -> Iterator[Load]:
    """Judge after the drill what everybody was told during it."""
    load = Load(cluster)
    answered = data_plane.answered
    with load.running():
        until(lambda: len(load.acknowledged) > 5 and load.reads > 5, "the load has begun")
        yield load
        load.until_written(5)
    assert load.problems == []
    assert lost(cluster, load.acknowledged) == {"server-a": [], "server-b": []}
    assert dead_agents(cluster) == []
    assert data_plane.failed == []
    assert data_plane.answered > answered


def pass_time(seconds: float) -> None:
    """An outage has to last: that is what the drill is about."""
    time.sleep(seconds)


def until_connected(data_plane: DataPlane) -> None:
    until(
        lambda: all(envoy.is_connected for envoy in data_plane.envoys.values()),
        "each Envoy has a control plane again",
    )


def test_a_server_that_is_killed(cluster: Cluster, data_plane: DataPlane) -> None:
    for server in cluster.servers:
        with under_load(cluster, data_plane) as load:
            server.kill()
            load.until_written(20)
            until_connected(data_plane)
            server.start()
            server.wait_until_ready()


@pytest.mark.parametrize("outage_s", OUTAGES_S)
def test_redis_that_is_away(cluster: Cluster, data_plane: DataPlane, outage_s: float) -> None:
    with under_load(cluster, data_plane) as load, cluster.without_redis():
        written = len(load.acknowledged)
        pass_time(outage_s)
        assert len(load.acknowledged) > written


@pytest.mark.parametrize("outage_s", OUTAGES_S)
def test_a_database_that_is_away(cluster: Cluster, data_plane: DataPlane, outage_s: float) -> None:
    with under_load(cluster, data_plane) as load, cluster.without_database():
        pass_time(outage_s)
        until(lambda: load.oldest_ms > 0, "reads say how old they are")
        reads = load.reads
        until(lambda: load.reads > reads + 10, "reads go on from memory")


@pytest.mark.parametrize("outage_s", OUTAGES_S)
def test_a_database_that_is_frozen(
    cluster: Cluster, data_plane: DataPlane, outage_s: float
) -> None:
    with under_load(cluster, data_plane) as load, cluster.frozen_database():
        pass_time(outage_s)
        until(lambda: load.oldest_ms > 0, "reads say how old they are")
        reads = load.reads
        until(lambda: load.reads > reads + 10, "reads go on from memory")


@pytest.mark.parametrize(
    "frozen_s",
    [pytest.param(8, id="short"), pytest.param(20, id="long", marks=pytest.mark.slow)],
)
def test_a_server_that_is_frozen_and_goes_on(
    cluster: Cluster, data_plane: DataPlane, frozen_s: float
) -> None:
    for server in cluster.servers:
        with under_load(cluster, data_plane) as load:
            server.freeze()
            try:
                pass_time(frozen_s)
                load.until_written(1)
            finally:
                server.thaw()
            server.wait_until_ready()


def test_a_rolling_restart_of_everything(cluster: Cluster, data_plane: DataPlane) -> None:
    with under_load(cluster, data_plane):
        for server in cluster.servers:
            server.stop()
            server.start()
            server.wait_until_ready()
            until_connected(data_plane)
        for worker in cluster.workers:
            worker.stop()
            worker.start()
        with cluster.without_redis():
            pass
        with cluster.without_database():
            pass
        for server in cluster.servers:
            server.wait_until_ready()


def test_two_servers_that_race_for_one_key(cluster: Cluster) -> None:
    """Each round one of them wins, and both agree on which."""
    with cluster.client() as client:
        assert client.put("/v1/config", json=RACED_FOR).json() is True
    for number in range(20):
        index = read_raced_for(cluster.servers[0], cluster)["ModifyIndex"]
        start = threading.Barrier(len(cluster.servers))
        race = partial(raced, cluster, start, number, index)
        with ThreadPoolExecutor() as pool:
            won = dict(zip(cluster.servers, pool.map(race, cluster.servers), strict=True))
        [winner] = [server for server, has_won in won.items() if has_won]
        kept = [read_raced_for(server, cluster)["Meta"] for server in cluster.servers]
        assert kept == [{"winner": winner.name, "round": str(number)}] * 2


def raced(
    cluster: Cluster, start: threading.Barrier, number: int, index: int, server: Server
) -> bool:
    meta = {"winner": server.name, "round": str(number)}
    with cluster.client(server.url) as client:
        start.wait()
        answer = client.put("/v1/config", json=RACED_FOR | {"Meta": meta}, params={"cas": index})
    return answer.json() is True


def read_raced_for(server: Server, cluster: Cluster) -> dict[str, Any]:
    with cluster.client(server.url) as client:
        path = "/v1/config/service-defaults/raced-for"
        found: dict[str, Any] = client.get(path, params={"consistent": ""}).json()
    return found
