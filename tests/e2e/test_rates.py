"""The rate that the mesh shows beside the one that the load generator knows of itself."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from meshcore.cli.dev.load import Counted, load
from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention
from meshcore.registry.types import Upstream
from tests.e2e.apps import http_app
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import LOOPBACK, ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

WINDOW_S = 10.0
RATE = 40.0


class Window:
    """What the generator has asked in the last ten seconds, by its own count."""

    def __init__(self, counted: Counted) -> None:
        self._counted = counted
        self._seen: deque[tuple[float, int]] = deque()

    def rate(self) -> float | None:
        """None while it has not run for that long."""
        now = time.monotonic()
        self._seen.append((now, self._counted.asked))
        while len(self._seen) > 1 and self._seen[1][0] <= now - WINDOW_S:
            self._seen.popleft()
        at, asked = self._seen[0]
        is_whole = at <= now - WINDOW_S
        return (self._counted.asked - asked) / (now - at) if is_whole else None


@contextmanager
def loaded(url: str) -> Iterator[Counted]:
    counted, loop = Counted(), asyncio.new_event_loop()
    asking = loop.create_task(
        load(url, counted, tell=lambda _who, _what: None, pages_a_second=RATE)
    )

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(asking)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield counted
    finally:
        loop.call_soon_threadsafe(asking.cancel)
        thread.join()
        loop.close()


def test_the_rate_of_an_edge_is_within_five_percent_of_what_was_asked(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    plane.configure(ServiceDefaults(name="api", protocol="http"))
    plane.intend("api", Intention(source="web", destination="api", action="allow", revision=1))
    local_port = free_port()
    upstream = Upstream(destination_name="api", local_bind_port=local_port)
    with http_app("api") as app_port:
        api = plane.register_sidecar("api", port=free_port(), app_port=app_port)
        web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=[upstream])
        start_envoy(api, "api").wait_for_listener()
        start_envoy(web, "web").wait_for_listener("api:")
        with loaded(f"http://{LOOPBACK}:{local_port}/") as counted:
            window = Window(counted)

            def agrees() -> bool:
                asked = window.rate()
                edge = plane.traffic.edges(now_s=time.time()).get(("web", "api"))
                seen = edge.rate if edge else None
                return bool(asked and seen and abs(seen / asked - 1) < 0.05)

            eventually(lambda: window.rate() is not None, "ten seconds of load", within_s=60)
            looks = []
            for _ in range(5):
                a_second_more(counted)
                looks.append(agrees())
            assert looks.count(True) >= 4, looks
            assert counted.failed == 0


def a_second_more(counted: Counted) -> None:
    until = counted.asked + RATE
    eventually(lambda: counted.asked >= until, "a second more of load")
