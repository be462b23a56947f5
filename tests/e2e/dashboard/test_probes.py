"""What services say of themselves is text, wherever it is shown."""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from tests.e2e.dashboard.tabs import Tab
from tests.e2e.demo import Demo

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.timeout(400)]

BEFORE = "\"'></textarea><img class=injected src=x onerror=alert(1)><script>alert(1)</script>"
TYPED = "[...document.querySelectorAll('input, textarea')].map(each => each.value).join()"
IS_INJECTED = "document.querySelectorAll('.injected').length"


def probe(field: str) -> str:
    return f"{BEFORE}{field}"


SERVICE, ID, NODE = probe("service"), probe("id"), probe("node")
FIELDS = (
    *("service", "id", "node", "tag", "meta-value", "group", "check", "output", "notes"),
    *("node-meta", "description", "token", "config"),
)


@pytest.fixture
def probes(demo: Demo) -> Iterator[None]:
    """Nothing of them stays, for whoever uses the demo next."""
    with demo.management() as client:
        put(client, "/v1/catalog/register", REGISTRATION)
        put(client, "/v1/config", ENTRY)
        allow = {"Action": "allow", "Description": probe("description")}
        put(client, "/v1/connect/intentions/exact?source=frontend&destination=public-api", allow)
        token = put(client, "/v1/acl/token", {"Description": probe("token")}).json()
        yield
        demo.forget_intentions()
        put(client, "/v1/catalog/deregister", {"Node": NODE})
        client.delete(f"/v1/acl/token/{token['AccessorID']}").raise_for_status()
        client.delete("/v1/config/proxy-defaults/global").raise_for_status()


REGISTRATION = {
    "Node": NODE,
    "Address": "10.0.0.9",
    "NodeMeta": {"note": probe("node-meta")},
    "Service": {
        "ID": ID,
        "Service": SERVICE,
        "Port": 80,
        "Tags": [probe("tag")],
        "Meta": {"note": probe("meta-value"), "group": probe("group")},
    },
    "Check": {
        "CheckID": probe("check-id"),
        "Name": probe("check"),
        "Notes": probe("notes"),
        "Output": probe("output"),
        "Status": "critical",
        "ServiceID": ID,
    },
}
ENTRY = {"Kind": "proxy-defaults", "Name": "global", "Meta": {"note": probe("config")}}


def put(client: httpx.Client, path: str, body: object) -> httpx.Response:
    answer = client.put(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer


def pages() -> Iterator[str]:
    service, identity, node = (quote(each, safe="") for each in (SERVICE, ID, NODE))
    yield from ("/ui/", "/ui/graph", "/ui/services", "/ui/nodes", "/ui/intentions", "/ui/config")
    yield from ("/ui/certificates", "/ui/access", "/ui/changes", "/ui/control-plane")
    yield f"/ui/services/{service}"
    yield f"/ui/services/{service}/{identity}"
    yield f"/ui/nodes/{node}"
    yield "/ui/intentions/edit?destination=public-api&source=frontend"
    yield f"/ui/intentions/explain?source=frontend&destination={service}"
    yield "/ui/intentions/matrix"
    yield "/ui/config/edit?kind=proxy-defaults&name=global"
    yield f"/ui/services?q={service}"


@pytest.mark.usefixtures("probes")
def test_what_a_service_says_is_shown_as_it_is_and_never_run(tab: Tab) -> None:
    shown = set()
    for path in pages():
        tab.open(path)
        if path == "/ui/graph":
            tab.find(".graph-outline summary").first.wait_for(state="attached")
        assert (path, tab.page.evaluate(IS_INJECTED)) == (path, 0)
        text = tab.page.evaluate("document.body.textContent")
        text += tab.page.evaluate(TYPED)
        shown |= {field for field in FIELDS if probe(field) in text}
    assert tab.complaints == []
    assert shown == set(FIELDS)
