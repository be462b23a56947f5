"""What can be said of looks by a machine, on every page: contrast, names, sizes."""

from pathlib import Path

import pytest

from dashboard.routes import ROUTES, path_of
from meshcore.acl.types import AuthMethod, BindingRule, JwtConfig, Policy, Role, Token
from meshcore.mesh.types import Change, Topic
from tests.dashboard.asking import NOW, Dashboard
from tests.dashboard.in_browser import styleguide
from tests.dashboard.in_browser.tabs import Tab

pytestmark = pytest.mark.browser

AXE = Path("node_modules/axe-core/axe.min.js")
# What passes is a long list, and not wanted.
RUN = "async asked => (await axe.run({resultTypes: ['violations'], ...asked})).violations"
ID = "2df4773b-0ed7-401f-bbb1-8a0e44ef238f"
ARGUMENTS = {
    "service": {"name": "web"},
    "instance": {"name": "web", "id": "web-1"},
    "node": {"name": "node-1"},
    "token": {"accessor": ID},
    "token-edit": {"accessor": ID},
    "auth-method": {"name": "sso"},
    "binding-rule": {"id": ID},
    "policy": {"id": ID},
    "role": {"id": ID},
    "role-edit": {"id": ID},
}
QUERIES = {
    "config-edit": "?kind=service-defaults&name=web",
    "intention-editor": "?destination=api&source=web",
    "intention-explain": "?source=web&destination=api",
}
# A slash is in the name of every templated policy, and Django's test client knows no encoded one.
UNREACHABLE = ("templated-policy",)
PIECES = ("graph-panel", "intention-answer")  # of pages, in which the heading stands
PATHS = (
    styleguide.PATH,
    "/ui/graph?words=yes&focus=web",
    *(
        path_of(route.name, **ARGUMENTS.get(route.name, {})) + QUERIES.get(route.name, "")
        for route in ROUTES
        if route.name not in (*UNREACHABLE, *PIECES)
    ),
)


def grant(dashboard: Dashboard) -> None:
    """Something for each page of the access section to be about."""
    policy = Policy(id=ID, name="watch", rules='service_prefix "" { policy = "read" }')
    rule = BindingRule(id=ID, auth_method="sso", bind_type="service", bind_name="web")
    token = Token(accessor_id=ID, secret_hash="", sealed_secret=b"", created_at=NOW, roles=(ID,))
    changes = (
        Change(Topic.TOKEN, (ID,), None, token),
        Change(Topic.POLICY, (ID,), None, policy),
        Change(Topic.ROLE, (ID,), None, Role(id=ID, name="watchers", policies=(ID,))),
        Change(Topic.AUTH_METHOD, ("sso",), None, AuthMethod(name="sso", config=JwtConfig())),
        Change(Topic.BINDING_RULE, (ID,), None, rule),
    )
    dashboard.write(lambda _mesh: changes)


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_and_no_page_is_wider_than_the_window(tab: Tab, path: str) -> None:
    grant(tab.dashboard)
    tab.page.emulate_media(color_scheme="light")
    tab.open(path)
    tab.page.wait_for_load_state("networkidle")
    assert violations(tab) == []
    tab.page.emulate_media(color_scheme="dark")
    assert violations(tab, only="color-contrast") == []
    for width in (360, 1024, 1440):
        tab.page.set_viewport_size({"width": width, "height": 800})
        assert (width, tab.page.evaluate("document.documentElement.scrollWidth")) == (width, width)


def test_dialogs_have_names_too(tab: Tab) -> None:
    tab.open("/ui/services")
    tab.keys("?")
    assert violations(tab) == []


def violations(tab: Tab, *, only: str = "") -> list[str]:
    """Another theme changes nothing but colours, and the other rules take most of the time."""
    if not tab.page.evaluate("'axe' in window"):
        tab.page.evaluate(AXE.read_text())
    found = tab.page.evaluate(RUN, {"runOnly": [only]} if only else {})
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]
