"""What holds for every answer under `/ui/`, as a browser gets it from a socket."""

from pathlib import Path

import httpx
import pytest

from dashboard import assets
from dashboard.hosts import Hosts
from tests.dashboard.asking import Dashboard

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


def ask(place: str, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"http://{place}{path}", headers=headers, timeout=20)


@pytest.fixture
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shell.js").write_text("let it = 'be'; // " + "long " * 100)
    (tmp_path / "chunk-ABCD2345.js").write_text("")
    (tmp_path / ".built").touch()
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    monkeypatch.setattr(assets, "STAMP", tmp_path / ".built")
    return tmp_path


def test_pages_are_protected_by_their_headers(dashboard: Dashboard, place: str) -> None:
    headers = ask(place, "/ui/").headers
    for name, value in {
        "content-security-policy": POLICY,
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-store",
    }.items():
        assert headers[name] == value, name


def test_pages_hold_neither_inline_script_nor_inline_style(
    dashboard: Dashboard, place: str
) -> None:
    html = ask(place, "/ui/").text
    assert "<style" not in html
    assert " style=" not in html
    assert "<script>" not in html
    assert " onclick=" not in html


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8500", "127.0.0.1.evil.example"])
def test_name_that_is_not_ours_is_refused_with_the_way_out(
    dashboard: Dashboard, place: str, host: str
) -> None:
    refused = ask(place, "/ui/", Host=host)
    assert refused.status_code == 421
    assert f"TULLE_EXTERNAL_URL=https://{host}" in refused.text
    assert refused.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("localhost:8500", True),
        ("tulle.localhost", True),
        ("127.0.0.1:8500", True),
        ("[::1]:8500", True),
        ("10.0.0.1", True),
        ("node-1", True),
        ("Mesh.Example.com", True),
        ("example.com", False),
        ("", False),
        ("[", False),
    ],
)
def test_hosts_are_this_machine_and_what_the_operator_says(host: str, is_ours: bool) -> None:  # noqa: FBT001
    hosts = Hosts(node_name="Node-1", external_url="https://mesh.example.com")
    assert hosts.are(host) == is_ours


@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [
        ("https://mesh.example.com", True),
        ("http://127.0.0.1:8500", True),
        ("https://127.0.0.1:8500", True),
        ("http://127.0.0.1:9999", False),
        ("http://mesh.example.com", False),
        ("https://evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_origin_is_the_place_that_was_asked_or_the_external_one(origin: str, is_ours: bool) -> None:  # noqa: FBT001
    hosts = Hosts(external_url="https://mesh.example.com")
    assert hosts.is_origin(origin, host_header="127.0.0.1:8500") == is_ours


def test_bundles_are_kept_for_good_under_their_version(
    dashboard: Dashboard, place: str, bundles: Path
) -> None:
    named = ask(place, assets.url("shell.js"))
    assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert named.headers["content-encoding"] == "gzip"
    assert named.headers["content-type"] == "text/javascript; charset=utf-8"
    assert named.text == (bundles / "shell.js").read_text()
    unnamed = ask(place, "/ui/static/shell.js")
    assert unnamed.headers["cache-control"] == "public, no-cache"
    again = ask(place, "/ui/static/shell.js", **{"If-None-Match": unnamed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert ask(place, "/ui/static/chunk-ABCD2345.js").headers["cache-control"].endswith("immutable")


def test_bundles_are_read_anew_when_they_were_made_anew(
    dashboard: Dashboard, place: str, bundles: Path
) -> None:
    before = assets.url("shell.js")
    (bundles / "shell.js").write_text("other")
    (bundles / ".built").unlink()
    (bundles / ".built").touch()
    assert assets.url("shell.js") != before


@pytest.mark.parametrize("name", [".built", "../pyproject.toml", "%2e%2e/pyproject.toml", "nope"])
def test_nothing_but_bundles_is_served(
    dashboard: Dashboard, place: str, bundles: Path, name: str
) -> None:
    assert ask(place, f"/ui/static/{name}").status_code == 404


def test_names_in_urls_may_hold_what_separates_paths(dashboard: Dashboard, place: str) -> None:
    shown = ask(place, "/ui/services/team%2Fweb")
    assert shown.status_code == 404
    assert "no service is called team/web" in shown.text
