"""An instance that is registered again under another service name takes its checks along."""

from collections.abc import Iterable
from functools import partial

from meshcore.actions.checks import set_check_status
from meshcore.actions.registry import register, register_service
from meshcore.mesh import watch
from meshcore.mesh.apply import placed
from meshcore.mesh.types import Change, Mesh, WatchKey
from meshcore.registry.types import Check, CheckDefinition, Instance, Node

NODE = Node(name="node-1", address="10.0.0.1")
WEB = Instance(node="node-1", id="one", service="web", tags=("v1",))
API = Instance(node="node-1", id="one", service="api", tags=("v2",))
CHECK = Check(
    node="node-1",
    id="alive",
    name="alive",
    service_id="one",
    status="passing",
    type="ttl",
    definition=CheckDefinition(ttl_s=10),
)


def applied(mesh: Mesh, changes: Iterable[Change]) -> tuple[Mesh, set[WatchKey]]:
    mesh, touched = placed(mesh, changes, index=mesh.index + 1)
    return mesh, set(touched)


def owner(mesh: Mesh) -> tuple[str, tuple[str, ...], str]:
    check = mesh.registry.check(CHECK.key)
    assert check is not None
    return check.service, check.service_tags, check.status


def test_with_an_agent() -> None:
    mesh, _ = applied(Mesh(), register_service(Mesh(), node=NODE, instance=WEB, checks=[CHECK]))
    mesh, touched = applied(mesh, register_service(mesh, node=NODE, instance=API))
    assert owner(mesh) == ("api", ("v2",), "passing")
    assert {watch.service("web"), watch.service("api")} <= touched


def test_in_the_catalog() -> None:
    mesh, _ = applied(Mesh(), register(Mesh(), node=NODE, instance=WEB, checks=[CHECK]))
    mesh, touched = applied(mesh, register(mesh, node=NODE, instance=API))
    assert owner(mesh) == ("api", ("v2",), "passing")
    assert {watch.service("web"), watch.service("api")} <= touched


def test_whoever_watches_the_new_service_is_woken_by_its_checks() -> None:
    mesh, _ = applied(Mesh(), register(Mesh(), node=NODE, instance=WEB, checks=[CHECK]))
    mesh, _ = applied(mesh, register(mesh, node=NODE, instance=API))
    failing = partial(set_check_status, node="node-1", check_id="alive", status="critical")
    mesh, touched = applied(mesh, failing(mesh, output="gone"))
    assert watch.service("api") in touched
    assert watch.service("web") not in touched
