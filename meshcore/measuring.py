"""What Prometheus reads of a server's state when it scrapes: the store and its streams."""

from collections.abc import Iterable, Iterator

import redis
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from meshcore.proxycfg.state import Proxies
from meshcore.store.channel import SEND_TIMEOUT_S
from meshcore.store.store import Store
from meshcore.tasks.due import PROBES


class ServerMetrics(Collector):
    def __init__(self, store: Store, proxies: Proxies) -> None:
        self._store = store
        self._proxies = proxies

    def describe(self) -> Iterable[Metric]:
        """Told without being measured, so that registering asks nobody."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from self._of_store()
        yield from self._of_proxies()

    def _of_store(self) -> Iterator[Metric]:
        store = self._store
        mesh = store.mesh
        yield gauge("tulle_store_index", "The change index of this server's mesh.", mesh.index)
        yield gauge(
            "tulle_store_index_lag",
            "By how many changes this server is behind what it has heard of.",
            max(store.heard - mesh.index, 0),
        )
        yield gauge(
            "tulle_store_age_seconds",
            "For how long the log could not be followed; 0 while it is.",
            store.age_s,
        )
        yield gauge("tulle_store_queue", "Writes that wait for their group.", store.waiting)
        yield gauge("tulle_store_away", "1 while no write is possible.", bool(store.trouble))
        yield gauge(
            "tulle_redis_away", "1 while Redis cannot be reached.", bool(store.ping_trouble)
        )
        yield gauge("tulle_mesh_nodes", "Nodes that are registered.", len(mesh.registry.nodes))
        yield gauge("tulle_mesh_instances", "Instances of services.", len(mesh.registry.instances))

    def _of_proxies(self) -> Iterator[Metric]:
        connected = self._proxies.connected()
        yield gauge("tulle_xds_streams", "Proxies connected to this server.", len(connected))
        yield gauge(
            "tulle_xds_unsettled",
            "Proxies that do not have all as it was last made.",
            sum(stream.unsettled > 0 for stream in connected),
        )
        yield CounterMetricFamily(
            "tulle_xds_nacks", "Resources that a proxy refused.", value=self._proxies.nacked()
        )
        yield CounterMetricFamily(
            "tulle_xds_streams_cut",
            "Streams ended because their proxy did not read.",
            value=self._proxies.cut(),
        )


class ChecksLag(Collector):
    """By how much the workers are late, as Redis has it; every server says the same."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        patience = {"socket_timeout": SEND_TIMEOUT_S, "socket_connect_timeout": SEND_TIMEOUT_S}
        try:
            with redis.Redis.from_url(self._url, **patience) as client:
                seconds, microseconds = client.time()
                first = client.zrange(PROBES, 0, 0, withscores=True)
        except redis.RedisError:
            return  # tulle_redis_away says so
        now_s = seconds + microseconds / 1_000_000
        late_s = max(now_s - float(first[0][1]), 0.0) if first else 0.0
        yield gauge(
            "tulle_checks_lag_seconds",
            "For how long the check that is longest due has not been begun.",
            late_s,
        )


def gauge(name: str, help_: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_, value=value)
