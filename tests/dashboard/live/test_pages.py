"""Every page: what is on the screen after any messages is what a reload would show."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashboard import showing
from dashboard.live.messages import difference, encoded
from dashboard.routes import ROUTES, Route, path_of
from dashboard.showing import Shown
from meshcore.acl.types import ANONYMOUS_TOKEN
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Mesh
from meshcore.store.callers import ANYBODY, Caller
from tests.dashboard.asking import FACTS, holder
from tests.dashboard.live.browser import Screen
from tests.mesh.strategies import WRITTEN_STEP, Step, action

NAMES = {"name": "web", "id": "web-1", "accessor": ANONYMOUS_TOKEN}
OTHER_NAMES = {"node": {"name": "node-1"}}  # by the name of the route
WRITES = st.lists(st.lists(WRITTEN_STEP, min_size=1, max_size=3), min_size=1, max_size=6)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SOME = holder('service "web" { policy = "read" } node "node-1" { policy = "read" }')


def url_of(route: Route) -> str:
    wanted = [part.strip("<>") for part in route.parts if part.startswith("<")]
    names = OTHER_NAMES.get(route.name, NAMES)
    return path_of(route.name, **{name: names[name] for name in wanted})


def show(url: str, mesh: Mesh, caller: Caller) -> Shown:
    return showing.show(FACTS, url, "", mesh=mesh, caller=caller)


@pytest.mark.parametrize("caller", [ANYBODY, SOME], ids=["may all", "may some"])
@pytest.mark.parametrize("url", [url_of(route) for route in ROUTES])
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    # A failure takes hundreds of renderings to make small.
    phases=[Phase.explicit, Phase.generate],
)
@given(writes=WRITES)
def test_screen_after_any_messages_is_what_a_reload_shows(
    url: str, caller: Caller, writes: list[list[Step]]
) -> None:
    mesh = Mesh()
    shown = show(url, mesh, caller)
    screen = Screen(shown)
    for steps in writes:
        before, at = shown, mesh.index
        mesh = apply(mesh, action(steps)(mesh), index=mesh.index + 1)
        shown = show(url, mesh, caller)
        if shown.content.version == before.content.version:
            continue
        assert mesh.is_touched(before.watch_keys, after=at), "an open tab would miss it"
        news = difference(before.content, shown.content, watch=url, index=mesh.index, at=NOW)
        screen.receive(encoded(news).text)
        assert (screen.title, screen.html) == (shown.content.title, shown.content.html)
