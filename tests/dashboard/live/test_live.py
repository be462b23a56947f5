"""Open tabs are told what changes, and nobody is told what he may not see."""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from meshcore.acl.types import Policy
from meshcore.actions import acl_grants
from meshcore.registry.types import Status
from tests.dashboard.asking import MANAGEMENT, Dashboard, put
from tests.dashboard.live.conftest import Open, Tab
from tests.topology.meshes import check, service

SERVICES = "/ui/services"
EVERYTHING = 'service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }'


def version(answer: HttpResponse) -> str:
    return answer["Tulle-Version"]


def main(answer: HttpResponse) -> str:
    html = answer.content.decode()
    return html[html.index("<main ") :]


def reloaded(browser: Dashboard, url: str = SERVICES) -> HttpResponse:
    separator = "&" if "?" in url else "?"
    return browser.get(f"{url}{separator}fragment=1")


def on_page(tab: Tab, browser: Dashboard, url: str = SERVICES) -> Any:  # noqa: ANN401 any JSON
    """Have the tab follow a page that it has just loaded."""
    tab.watch(url, version(reloaded(browser, url)))
    return tab.told()


def turned(dashboard: Dashboard, name: str, status: Status) -> None:
    put(dashboard, [check(f"{name}-1", name, status)])


def test_tab_that_is_up_to_date_is_told_no_more_than_that(
    dashboard: Dashboard, opened: Open
) -> None:
    put(dashboard, service("web"))
    news = on_page(opened(dashboard), dashboard)
    assert news.pop("at")
    assert news == {"index": 1, "watch": SERVICES, "version": version(reloaded(dashboard))}


def test_change_of_a_row_is_sent_as_that_row(dashboard: Dashboard, opened: Open) -> None:
    put(dashboard, service("web"), service("api"))
    tab = opened(dashboard)
    on_page(tab, dashboard)
    turned(dashboard, "web", "critical")
    news = tab.told()
    assert news["blocks"].keys() == {"row-web", "list-toolbar"}
    assert 'data-status="critical"' in news["blocks"]["row-web"]
    assert (news["index"], news["watch"], news["title"]) == (2, SERVICES, "Services")
    assert news["version"] == version(reloaded(dashboard))


def test_change_of_more_than_rows_is_sent_as_the_page(dashboard: Dashboard, opened: Open) -> None:
    tab = opened(dashboard)
    on_page(tab, dashboard)
    put(dashboard, service("web"))
    news = tab.told()
    assert news["page"] == main(reloaded(dashboard))
    assert "blocks" not in news


def test_tab_that_comes_back_with_an_old_version_is_sent_the_page(
    dashboard: Dashboard, opened: Open
) -> None:
    put(dashboard, service("web"))
    tab = opened(dashboard)
    tab.watch(SERVICES, "of another time")
    assert tab.told()["page"] == main(reloaded(dashboard))


def test_tab_follows_the_page_that_it_goes_to(dashboard: Dashboard, opened: Open) -> None:
    put(dashboard, service("web"))
    tab = opened(dashboard)
    on_page(tab, dashboard)
    assert on_page(tab, dashboard, "/ui/services?q=nothing")["watch"] == "/ui/services?q=nothing"
    put(dashboard, service("api"))
    assert tab.told()["watch"] == "/ui/services?q=nothing"


def test_page_that_was_not_there_comes_by_itself(dashboard: Dashboard, opened: Open) -> None:
    tab = opened(dashboard)
    tab.watch("/ui/services/web")
    assert "Not found" in tab.told()["page"]
    put(dashboard, service("web"))
    assert "Not found" not in tab.told()["page"]


def test_tabs_with_other_rights_are_shown_other_things(guarded: Dashboard, opened: Open) -> None:
    put(guarded, service("web"), service("api"))
    all_, some = guarded.holding(EVERYTHING), guarded.holding('service "web" { policy = "read" }')
    for_all, for_some = opened(all_), opened(some)
    for_all.watch(SERVICES)
    for_some.watch(SERVICES)
    assert "row-api" in for_all.told()["page"]
    seen = for_some.told()["page"]
    assert "row-web" in seen
    assert "row-api" not in seen


def test_rights_that_are_taken_away_take_the_rows_along(guarded: Dashboard, opened: Open) -> None:
    put(guarded, service("web"))
    policy = Policy(id=str(uuid4()), name="reading", rules=EVERYTHING)
    guarded.write(partial(acl_grants.create_policy, policy=policy))
    tab = opened(guarded.logged_in(guarded.token(policies=(policy.id,))))
    tab.watch(SERVICES)
    assert "row-web" in tab.told()["page"]
    less = Policy(id=policy.id, name="reading", rules='service "web" { policy = "deny" }')
    guarded.write(partial(acl_grants.update_policy, policy=less))
    assert "No services that you may see" in tab.told()["page"]


def test_token_that_is_revoked_ends_the_socket(guarded: Dashboard, opened: Open) -> None:
    secret = guarded.token(policies=MANAGEMENT)
    tab = opened(guarded.logged_in(secret))
    tab.watch(SERVICES)
    tab.told()
    guarded.revoke(secret)
    assert tab.told() == {"end": "the token that you logged in with was revoked"}
    assert tab.closed() == 4401


def test_who_is_not_logged_in_is_told_so_and_nothing_else(guarded: Dashboard, opened: Open) -> None:
    tab = opened(guarded)
    assert tab.told() == {"end": "you are not logged in"}
    assert tab.closed() == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null", ""])
def test_page_from_elsewhere_is_refused(dashboard: Dashboard, opened: Open, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        opened(dashboard, Origin=origin)
    assert refused.value.response.status_code == 403


def test_other_sockets_than_the_live_one_are_refused(dashboard: Dashboard, place: str) -> None:
    with pytest.raises(InvalidStatus):
        connect(f"ws://{place}/ui/other")


@pytest.mark.parametrize("text", ["", "[]", '{"watch": 1}', '{"say": "x"}'])
def test_what_is_not_understood_closes_the_socket(
    dashboard: Dashboard, opened: Open, text: str
) -> None:
    tab = opened(dashboard)
    tab.socket.send(text)
    assert tab.closed() == 4400


def test_tab_that_asks_without_end_is_closed(dashboard: Dashboard, opened: Open) -> None:
    tab = opened(dashboard)
    for number in range(51):
        tab.watch(f"{SERVICES}?q={number}")
    assert tab.closed() == 4429
