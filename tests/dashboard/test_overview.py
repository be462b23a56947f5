"""The overview: what is to be done first, what is not well, what ends next, what has changed."""

from typing import Any

import pytest
from msgspec.structs import replace

from dashboard.overview import Sick, overview
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Check
from tests.certificates.test_inventory import HOUR, a_leaf, a_root, certificates
from tests.dashboard.asking import FACTS, Dashboard, asking, holder, put
from tests.topology.meshes import allow, mesh, service, toward

NODE_CHECK = Check(node="node-1", id="disk", name="disk", status="warning")
EVERYTHING = 'service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }'


def shown(mesh: Mesh, **rest: Any) -> Any:  # noqa: ANN401 whatever the template is given
    return overview(asking(mesh, **rest)).context


@pytest.mark.parametrize(
    ("mesh", "acl_enabled", "done"),
    [
        (Mesh(), False, ["The server is up"]),
        (Mesh(), True, ["The server is up", "ACLs are on"]),
        (mesh(service("web")), True, ["The server is up", "ACLs are on", "Register a service"]),
        (
            mesh(toward(allow("web", "api"))),
            True,
            ["The server is up", "ACLs are on", "Say who may call it"],
        ),
    ],
)
def test_first_steps_tick_themselves(mesh: Mesh, acl_enabled: bool, done: list[str]) -> None:  # noqa: FBT001
    context = shown(mesh, facts=replace(FACTS, acl_enabled=acl_enabled))
    assert [step.label for step in context["steps"] if step.is_done] == done


def test_unhealthy_services_and_nodes_are_listed_worst_first() -> None:
    ill = mesh(
        service("web", status="warning"),
        service("api", status="critical"),
        service("api", number=2),
        service("db"),
    )
    assert shown(ill)["sick"] == [
        Sick("api", "critical", "1 critical of 2"),
        Sick("web", "warning", "1 warning of 1"),
    ]
    both = apply(ill, [Change(Topic.CHECK, NODE_CHECK.key, None, NODE_CHECK)], index=2)
    assert [each.name for each in shown(both)["sick"]] == ["api", "node-1", "db", "web"]


def test_numbers_are_of_what_the_token_may_see() -> None:
    seen = mesh(service("web"), service("api", has_sidecar=False), toward(allow("web", "api")))
    whole = shown(seen)
    assert (whole["services"], whole["instances"], whole["in_mesh"]) == (2, 2, 1)
    assert (whole["nodes"], whole["intentions"]) == (1, 1)
    page = overview(asking(seen, caller=holder('service "api" { policy = "read" }')))
    assert page.is_filtered
    assert (page.context["services"], page.context["nodes"]) == (1, 0)


def test_certificates_are_listed_by_their_end_with_what_is_wrong() -> None:
    leaves = {f"instance:node-1/web-{hours}": a_leaf(lasts=hours * HOUR) for hours in (20, 40, 30)}
    kept = certificates(a_root("a", "active"), leaves=leaves)
    listed = shown(Mesh(certificates=kept))
    assert [(each.holder.service_id, each.life.severity) for each in listed["leaves"]] == [
        ("web-20", "critical"),
        ("web-30", "warning"),
        ("web-40", "passing"),
    ]
    assert listed["roots"] == []
    assert [step.label for step in listed["steps"] if step.is_done][-1] == "Connect its sidecar"
    nobody = holder('service "db" { policy = "read" }')
    assert shown(Mesh(certificates=kept), caller=nobody)["leaves"] == []


def test_page_says_what_is_going_on_and_how_to_begin(dashboard: Dashboard) -> None:
    before = dashboard.text("/ui/")
    assert "TULLE_ACL_ENABLED=true tulle server" in before
    assert "No certificates yet" in before
    put(dashboard, service("web", status="critical"))
    after = dashboard.text("/ui/")
    assert "1 critical of 1" in after
    assert "node node-1 " in after
    assert "and 3 more" in after
