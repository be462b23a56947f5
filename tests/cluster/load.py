"""A steady load on a cluster, which remembers what it was told and notes what contradicts it.

An error that a client is told of is no problem while something is down: it may try again. What was
acknowledged must be kept, what was shown must not be taken back, and who waits must be woken.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import httpx

from tests.cluster.cluster import Cluster
from tests.cluster.processes import until

SERVICE = "beacon"
NODE = "node-2"
AGENT = "node-of-an-agent"
PAUSE_S = 0.05
TIMEOUT_S = 12.0
WAIT_S = 60  # of a blocking query: one that is not woken shows by it
PATH = f"/v1/catalog/service/{SERVICE}"


class Load:
    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.problems: list[str] = []
        self.errors = 0  # that clients were told of
        self.acknowledged: set[str] = set()
        self.beacon = 0  # the last that was acknowledged
        self.seen: dict[str, int] = {}  # by each watcher
        self.reads = 0
        self.oldest_ms = 0  # that a read said of itself
        self._stopping = threading.Event()
        self._is_settled = threading.Event()  # watchers go on until then, the others just stop
        self._threads: list[threading.Thread] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        urls = {server.name: server.url for server in self.cluster.servers}
        with self.cluster.client() as client:
            self.beacon = shown(client.get(PATH, params={"consistent": ""})) + 1
            light(client, self.beacon)
            register(client, AGENT, NodeMeta={"tulle-agent": "0.1.0"})
        loops: list[Callable[[httpx.Client], None]] = [self._write, self._read, self._beat]
        for loop in loops:
            self._begin(loop, "")
        self._begin(self._light_and_read_elsewhere, urls["server-a"])
        others = list(self._threads)
        for name, url in {**urls, "balancer": ""}.items():
            self._begin(partial(self._watch, name), url)
        try:
            yield
            self._stopping.set()
            for thread in others:
                thread.join(timeout=WAIT_S)
            self._settle()
        finally:
            self._stopping.set()
            self._is_settled.set()

    def until_written(self, more: int) -> None:
        enough = len(self.acknowledged) + more
        until(lambda: len(self.acknowledged) >= enough, f"{more} writes are acknowledged")

    def until_read(self, more: int) -> None:
        enough = self.reads + more
        until(lambda: self.reads >= enough, f"{more} reads are answered")

    def _begin(self, loop: Callable[[httpx.Client], None], url: str) -> None:
        def run() -> None:
            with self.cluster.client(url, timeout_s=TIMEOUT_S) as client:
                loop(client)

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _write(self, client: httpx.Client) -> None:
        number = 0
        while not self._stopping.wait(PAUSE_S):
            number += 1
            name = f"written-{number}-{id(self)}"
            if self._attempt(partial(register, client, name)) is not None:
                self.acknowledged.add(name)

    def _read(self, client: httpx.Client) -> None:
        while not self._stopping.wait(PAUSE_S):
            answer = self._attempt(partial(client.get, PATH))
            if answer is not None:
                self.reads += 1
                age_ms = int(answer.headers["X-Consul-LastContact"])
                self.oldest_ms = max(self.oldest_ms, age_ms)
                if (age_ms > 0) is (answer.headers["X-Consul-KnownLeader"] == "true"):
                    self.problems.append(f"an answer of {age_ms} ms with a known leader")

    def _light_and_read_elsewhere(self, client: httpx.Client) -> None:
        """What A has acknowledged is in each consistent read of B."""
        with self.cluster.client(self.cluster.servers[1].url, timeout_s=TIMEOUT_S) as other:
            while not self._stopping.wait(PAUSE_S):
                number = self.beacon + 1
                if self._attempt(partial(light, client, number)) is None:
                    self.beacon = number  # it may have been written: the next one is another
                    continue
                self.beacon = number
                answer = self._attempt(partial(other.get, PATH, params={"consistent": ""}))
                if answer is not None and shown(answer) < number:
                    self.problems.append(f"a consistent read shows {shown(answer)}, not {number}")

    def _beat(self, client: httpx.Client) -> None:
        body = {"Node": AGENT, "ID": "", "Address": "10.0.0.1"}
        while not self._stopping.wait(PAUSE_S * 10):
            self._attempt(partial(client.put, "/v1/internal/node/heartbeat", json=body))

    def _watch(self, name: str, client: httpx.Client) -> None:
        client.timeout = httpx.Timeout(WAIT_S * 2)
        index = 0
        while not self._is_settled.is_set():
            params = {"index": str(index), "wait": f"{WAIT_S}s"}
            answer = self._attempt(partial(client.get, PATH, params=params))
            if answer is None:
                time.sleep(PAUSE_S)
                continue
            told = int(answer.headers["X-Consul-Index"])
            if told < index:
                self.problems.append(f"{name}: the index went from {index} back to {told}")
            if shown(answer) < self.seen.get(name, 0):
                self.problems.append(f"{name}: {shown(answer)} after {self.seen[name]}")
            index, self.seen[name] = told, shown(answer)

    def _attempt(self, ask: Callable[[], httpx.Response]) -> httpx.Response | None:
        try:
            answer = ask()
        except httpx.TransportError:
            self.errors += 1
            return None
        if answer.status_code != httpx.codes.OK:
            if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                self.problems.append(f"{answer.status_code} {answer.text}")
            self.errors += 1
            return None
        return answer

    def _settle(self) -> None:
        """Everybody who watches has been woken for the last beacon, without another write."""
        with self.cluster.client() as client:
            self.beacon += 1
            until(lambda: light(client, self.beacon).is_success, "the last beacon is lit")
        until(
            lambda: all(number >= self.beacon for number in self.seen.values()),
            f"watchers are woken for {self.beacon}: {self.seen}",
            within_s=WAIT_S / 3,
        )


def light(client: httpx.Client, number: int) -> httpx.Response:
    beacon = {"Service": SERVICE, "Meta": {"number": str(number)}}
    return register(client, NODE, Service=beacon)


def register(client: httpx.Client, node: str, **more: object) -> httpx.Response:
    place = {"Node": node, "Address": "10.0.0.1"}
    return client.put("/v1/catalog/register", json=place | more)


def shown(answer: httpx.Response) -> int:
    found = answer.json()
    return int(found[0]["ServiceMeta"]["number"]) if found else 0


def lost(cluster: Cluster, acknowledged: set[str]) -> dict[str, list[str]]:
    """What was acknowledged and is not there, by server."""
    found = {}
    for server in cluster.servers:
        with cluster.client(server.url) as client:
            nodes = client.get("/v1/catalog/nodes", params={"consistent": ""}).json()
        found[server.name] = sorted(acknowledged - {node["Node"] for node in nodes})
    return found


def dead_agents(cluster: Cluster) -> list[str]:
    """The critical ones among the checks of the node whose heartbeats go on."""
    with cluster.client() as client:
        checks = client.get(f"/v1/health/node/{AGENT}", params={"consistent": ""}).json()
    return [check["CheckID"] for check in checks if check["Status"] == "critical"]
