"""What is around a page, and what is in its place when there is none."""

import msgspec
import pytest

from dashboard.context import PROVIDED, provided
from tests.dashboard.asking import Dashboard, text_of


def test_page_is_in_the_shell_and_alone_for_a_script(dashboard: Dashboard) -> None:
    whole = dashboard.get("/ui/")
    alone = dashboard.get("/ui/?fragment=1").content.decode()
    assert whole.status_code == 200
    assert alone.startswith("<title>Overview</title><main ")
    assert alone.endswith("</main>")
    assert alone.removeprefix("<title>Overview</title>") in whole.content.decode()


def test_page_that_is_not_there_says_so(dashboard: Dashboard) -> None:
    answer = dashboard.get("/ui/nowhere")
    assert answer.status_code == 404
    assert text_of(answer.content.decode()).splitlines() == [
        "Not found",
        "there is no such page",
        "Go to the overview",
    ]


def test_page_says_how_old_it_is_while_the_database_is_away(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "The database is away: this was true"
    assert told not in dashboard.get("/ui/").content.decode()
    aged = msgspec.structs.replace(
        provided(), facts=msgspec.structs.replace(provided().facts, age_s=lambda: 12.3)
    )
    monkeypatch.setattr(PROVIDED, "context", aged)
    assert f"{told} 12 s ago" in dashboard.get("/ui/").content.decode()
