import httpx
import pytest

from tests.cli.conftest import Server, Tulle

BY_HAND = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}


def test_link_logs_a_browser_in_and_holds_no_secret(tulle: Tulle, server: Server) -> None:
    printed = tulle("ui", "--no-open")
    assert printed.code == 0
    assert server.token not in printed.out
    assert printed.out.startswith(f"http://{server.address}/ui/enter/")
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        shown = browser.get(printed.out.strip(), headers=BY_HAND)
    assert (shown.status_code, str(shown.url)) == (200, f"http://{server.address}/ui/")


def test_browser_is_opened(tulle: Tulle, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "true")  # a program that takes any URL and succeeds
    assert tulle("ui") == (f"Opened the dashboard of http://{server.address}\n", "", 0)
