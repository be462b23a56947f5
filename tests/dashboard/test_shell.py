"""What is around a page, and what is in its place when there is none."""

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
