"""What the page of an instance says of its proxy."""

from msgspec.structs import replace

from dashboard.instance import instance
from dashboard.proxy import ResourceRow, resource_rows
from meshcore.proxycfg.state import (
    ConnectedProxy,
    NoProxies,
    ProxyState,
    ReadableResource,
    ResourceState,
)
from tests.dashboard.asking import FACTS, NOW, asking, holder
from tests.topology.meshes import mesh
from tests.topology.meshes import service as registered

STREAM = ConnectedProxy(
    proxy_id="web-1-sidecar-proxy",
    proxy=("node-1", "web-1-sidecar-proxy"),
    peer="127.0.0.1:4000",
    since=NOW,
    accessor="",
    envoy_version="1.39.0",
    pushes=2,
    unsettled=1,
    nacks=(),
)
STATE = ProxyState(
    stream=STREAM,
    resources=(
        ResourceState(
            kind="cluster", name="api", wanted="11111111", sent="11111111", acknowledged="11111111"
        ),
        ResourceState(
            kind="cluster", name="old", wanted=None, sent="22222222", acknowledged="22222222"
        ),
    ),
)
READABLE = (ReadableResource(kind="cluster", name="api", version="11111111", json="{}"),)
MESH = mesh(registered("web", calls=["api"]), registered("api"))
AT = {"name": "web", "id": "web-1"}


def test_resources_are_those_wanted_and_those_that_are_still_there() -> None:
    assert resource_rows(STATE, READABLE) == [
        ResourceRow(
            kind="cluster",
            name="api",
            wanted="111111",
            sent="111111",
            acknowledged="111111",
            is_settled=True,
            json="{}",
        ),
        ResourceRow(
            kind="cluster",
            name="old",
            wanted="none",
            sent="222222",
            acknowledged="222222",
            is_settled=False,
            json="",
        ),
    ]


class OneProxy(NoProxies):
    def state(self, mesh: object, proxy: object) -> ProxyState:  # type: ignore[override]
        return STATE


def test_drift_is_said_in_words() -> None:
    facts = replace(FACTS, proxies=OneProxy())
    page = instance(asking(MESH, arguments=AT, params=(("tab", "proxy"),), facts=facts))
    shown = page.context["shown"]
    assert [each.sentence for each in shown.drift] == [  # type: ignore[attr-defined]
        "to be removed, acknowledged in 222222, not sent yet"
    ]


def test_what_a_proxy_is_sent_is_for_who_may_write_its_service() -> None:
    reader = holder('service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }')
    page = instance(asking(MESH, arguments=AT, params=(("tab", "proxy"),), caller=reader))
    assert page.template == "dashboard/instance.html"
    assert page.context["may_see_proxy"] is False
