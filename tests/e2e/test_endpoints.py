"""Which instances get the traffic."""

from collections import Counter

import httpx
import pytest

from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention
from meshcore.registry.types import Upstream, Weights
from tests.e2e.apps import http_app
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import LOOPBACK, ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = pytest.mark.e2e


def test_a_critical_instance_gets_no_traffic_and_a_warning_one_its_weight(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    local_port = free_port()
    for service in ("web", "api"):
        plane.configure(ServiceDefaults(name=service, protocol="http"))
    plane.intend("api", Intention(source="web", destination="api", action="allow"))
    weights = Weights(passing=4, warning=1)
    upstream = Upstream(destination_name="api", local_bind_port=local_port)
    web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=[upstream])

    def served(requests: int) -> Counter[str]:
        with httpx.Client() as client:
            answers = (client.get(f"http://{LOOPBACK}:{local_port}/") for _ in range(requests))
            return Counter(answer.headers.get("x-served-by", "none") for answer in answers)

    with http_app("one") as first_port, http_app("two") as second_port:
        first, second = (
            plane.register_sidecar(
                "api", port=free_port(), app_port=port, weights=weights, number=number
            )
            for number, port in enumerate((first_port, second_port), 1)
        )
        start_envoy(first, "api").wait_for_listener()
        start_envoy(second, "api").wait_for_listener()
        start_envoy(web, "web").wait_for_listener("api:")
        assert served(40) == {"one": 20, "two": 20}
        plane.check(second, "warning")
        eventually(lambda: served(50) == {"one": 40, "two": 10}, "four to one")
        plane.check(second, "critical")
        eventually(lambda: served(20) == {"one": 20}, "only the healthy one")
        plane.check(first, "critical")
        eventually(lambda: served(5) == {"none": 5}, "no instance at all")
        plane.check(second, "passing")
        eventually(lambda: served(20) == {"two": 20}, "back again")
