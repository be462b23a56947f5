"""What is shown of real Envoys: what they have, and why one does not have what it should."""

import pytest

from meshcore.proxycfg.state import Drift, ProxyState, drift
from meshcore.registry.types import Upstream
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import NODE, ControlPlane
from tests.e2e.envoys import eventually, free_port

pytestmark = pytest.mark.e2e

NOT_OURS = "198.51.100.7"  # an address for documentation, which no machine can listen on


def state(plane: ControlPlane, proxy_id: str) -> ProxyState | None:
    return plane.xds.inspection.state(plane.store.mesh, (NODE, proxy_id))


def is_settled(plane: ControlPlane, proxy_id: str) -> bool:
    found = state(plane, proxy_id)
    return found is not None and len(found.resources) > 0 and found.is_settled


def test_proxy_that_has_all_it_should_have_is_settled_in_every_resource(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    upstream = Upstream(destination_name="db", local_bind_port=free_port())
    web = plane.register_sidecar("web", port=free_port(), app_port=1, upstreams=(upstream,))
    assert state(plane, web) is None
    start_envoy(web, "web")
    eventually(lambda: is_settled(plane, web), "it has acknowledged everything")
    found = state(plane, web)
    assert found is not None
    assert found.stream.nacks == ()
    shown = plane.xds.inspection.resources(plane.store.mesh, (NODE, web))
    assert {(each.kind, each.name, each.wanted) for each in found.resources} == {
        (each.kind, each.name, each.version) for each in shown
    }
    assert not any("PRIVATE KEY" in each.json for each in shown)


def test_refused_listener_is_told_with_envoys_own_words(
    plane: ControlPlane, start_envoy: StartEnvoy
) -> None:
    upstream = Upstream(
        destination_name="db", local_bind_address=NOT_OURS, local_bind_port=free_port()
    )
    api = plane.register_sidecar("api", port=free_port(), app_port=1, upstreams=(upstream,))
    start_envoy(api, "api")
    eventually(lambda: len(refused(plane, api)) == 2, "it has refused its listeners")
    at_fault, other = sorted(refused(plane, api), key=lambda each: each.name)
    cannot = f"cannot bind '{NOT_OURS}:{upstream.local_bind_port}'"
    assert "never acknowledged, refused: Error adding/updating" in at_fault.sentence
    assert cannot in at_fault.sentence
    assert "refused: together with others: " in other.sentence
    assert plane.xds.inspection.nacked() >= 1


def refused(plane: ControlPlane, proxy_id: str) -> list[Drift]:
    found = state(plane, proxy_id)
    return [each for each in drift(found) if "refused" in each.sentence] if found else []
