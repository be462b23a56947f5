"""The server and its streams on a page."""

from collections.abc import Mapping

from msgspec.structs import replace

from dashboard.control_plane import StreamRow, control_plane
from dashboard.facts import Facts
from dashboard.pages import Page
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Mesh
from meshcore.proxycfg.state import ConnectedProxy, Nack, NoProxies
from meshcore.store.callers import ANYBODY, Caller
from tests.dashboard.asking import FACTS, NOW, Dashboard, asking, holder
from tests.topology.meshes import change, service

MESH = apply(Mesh(), [change(value) for value in service("web")], index=7)
NACK = Nack(kind="listener", names=("public",), message="cannot bind", at=NOW)
WEB = ConnectedProxy(
    proxy_id="web-1-sidecar-proxy",
    proxy=("node-1", "web-1-sidecar-proxy"),
    peer="ipv4:10.0.0.1:40000",
    since=NOW,
    accessor="1234",
    envoy_version="1.39.0",
    pushes=9,
    unsettled=0,
    nacks=(),
)


class Connected(NoProxies):
    def __init__(self, *proxies: ConnectedProxy) -> None:
        self._proxies = proxies

    def connected(self) -> tuple[ConnectedProxy, ...]:
        return self._proxies


def shown(
    *proxies: ConnectedProxy,
    caller: Caller = ANYBODY,
    params: Mapping[str, str] | None = None,
    facts: Facts = FACTS,
) -> Page:
    asked = asking(
        MESH,
        caller=caller,
        params=tuple((params or {}).items()),
        facts=replace(facts, proxies=Connected(*proxies)),
    )
    return control_plane(asked)


def rows(page: Page) -> list[StreamRow]:
    assert page.listing is not None
    return list(page.listing.rows)


def test_streams_are_listed_with_how_far_their_proxies_have_come() -> None:
    behind = replace(WEB, proxy_id="b", unsettled=2)
    refusing = replace(WEB, proxy_id="c", unsettled=1, nacks=(NACK,))
    waiting = replace(WEB, proxy_id="d", proxy=None)
    page = shown(WEB, behind, refusing, waiting)
    assert {row.proxy: (row.state, row.status) for row in rows(page)} == {
        "web-1-sidecar-proxy": ("settled", "passing"),
        "b": ("behind", "warning"),
        "c": ("refused", "critical"),
        "d": ("waits for its registration", "unknown"),
    }
    assert (page.context["streams"], page.context["unsettled"]) == (4, 2)
    assert rows(shown(WEB)) == [
        StreamRow(
            proxy="web-1-sidecar-proxy",
            node="node-1",
            service="web-sidecar-proxy",
            state="settled",
            status="passing",
            peer="10.0.0.1:40000",
            envoy="1.39.0",
            pushes=9,
            unsettled=0,
            nacks=0,
            accessor="1234",
            since=NOW,
            path="/ui/services/web-sidecar-proxy/web-1-sidecar-proxy?node=node-1",
        )
    ]


def test_streams_are_filtered() -> None:
    behind = replace(WEB, proxy_id="b", unsettled=2)
    found = rows(shown(WEB, behind, params={"state": "behind"}))
    assert [row.proxy for row in found] == ["b"]
    found = rows(shown(WEB, behind, params={"filter": "Unsettled == 0"}))
    assert [row.proxy for row in found] == ["web-1-sidecar-proxy"]


def test_newest_refusal_of_any_proxy_stands_first() -> None:
    older = replace(NACK, at=NOW.replace(year=2025))
    page = shown(replace(WEB, nacks=(older,)), replace(WEB, proxy_id="b", nacks=(NACK,)))
    refused = page.context["refused"]
    assert isinstance(refused, list)
    assert [(each.row.proxy, each.nack) for each in refused] == [
        ("b", NACK),
        ("web-1-sidecar-proxy", older),
    ]


def test_server_tells_what_it_lacks() -> None:
    troubled = replace(
        FACTS,
        trouble=lambda: "the disk is full",
        ping_trouble=lambda: "Redis is away",
        waiting=lambda: 3,
    )
    context = shown(facts=troubled).context
    told = [context[name] for name in ("trouble", "ping_trouble", "waiting", "index")]
    assert told == ["the disk is full", "Redis is away", 3, 7]


def test_page_shows_the_server_and_its_settings(dashboard: Dashboard) -> None:
    text = dashboard.text("/ui/control-plane")
    assert "SQLite\ntakes writes" in text
    assert "No proxy is connected" in text
    assert "ACLs are off" in text
    assert "This browser\nTheme\nSystem\nLight\nDark" in text


def test_without_operator_read_only_the_browsers_own_settings_are_shown(
    guarded: Dashboard,
) -> None:
    text = guarded.holding('service_prefix "" { policy = "read" }').text("/ui/control-plane")
    assert "This browser" in text
    assert "takes operator:read" in text
    assert "SQLite" not in text
    page = shown(WEB, caller=holder(""))
    assert (rows(page), page.is_filtered) == ([], True)
    assert "SQLite" in guarded.holding('operator = "read"').text("/ui/control-plane")
