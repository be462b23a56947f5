from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from meshcore.config_entries.types import ServiceDefaults
from meshcore.store.browser_logins import COOKIE, begin
from meshcore.store.log import newest
from meshcore.store.store import Store
from tests.rest_api.asking import Api
from tests.rest_api.serving import stored

HTTP = {"Kind": "service-defaults", "Name": "api", "Protocol": "http"}
ADMIN = {
    "Kind": "service-intentions",
    "Name": "api",
    "Sources": [
        {
            "Name": "web",
            "Permissions": [{"Action": "allow", "HTTP": {"PathPrefix": "/admin"}}],
        }
    ],
}


@pytest.fixture
def store(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Store]:
    with stored(tmp_path, django_db_blocker) as store:
        yield store


def post(body: object) -> tuple[int, Any]:
    response = APIClient().post("/api/apply", body, format="json")
    return response.status_code, response.json()


CREATED = [
    {
        "kind": "service-intentions",
        "name": "api",
        "outcome": "created",
        "differences": [
            {"path": "Sources[web].Permissions[0].Action", "before": None, "after": "allow"},
            {
                "path": "Sources[web].Permissions[0].HTTP.PathPrefix",
                "before": None,
                "after": "/admin",
            },
        ],
    },
    {
        "kind": "service-defaults",
        "name": "api",
        "outcome": "created",
        "differences": [{"path": "Protocol", "before": None, "after": "http"}],
    },
]


def test_entries_are_written_at_one_index_and_then_unchanged(store: Store) -> None:
    index = store.mesh.index
    assert post({"entries": [ADMIN, HTTP]}) == (
        200,
        {"index": index + 1, "plan": CREATED, "lacking": []},
    )
    assert store.mesh.config_entries.service_defaults("api") == ServiceDefaults(
        name="api", protocol="http"
    )
    status, again = post({"entries": [ADMIN, HTTP]})
    assert (status, again["index"]) == (200, index + 1)
    assert [planned["outcome"] for planned in again["plan"]] == ["unchanged", "unchanged"]


def test_dry_run_gives_the_same_plan_and_writes_nothing(store: Store) -> None:
    mesh = store.mesh
    answer = post({"entries": [ADMIN, HTTP], "dry_run": True})
    assert answer == (200, {"index": mesh.index, "plan": CREATED, "lacking": []})
    assert store.mesh is mesh


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            {"entries": [HTTP, {**HTTP, "Protocol": "htp"}, {"Kind": "mesh", "Nam": "x"}]},
            'entries[1].Protocol: must be one of tcp, http, http2, grpc, not "htp"; '
            "entries[2].Name: is required",
        ),
        (
            {"entries": [HTTP, {**ADMIN, "Name": "db"}]},
            'Sources[0].Permissions: need a destination that speaks HTTP, and "db" is tcp: '
            "set its protocol in service-defaults first",
        ),
        (
            {"entries": [HTTP, HTTP]},
            "service-defaults/api stands twice among what is to be applied",
        ),
        ({"entries": 1}, "bad request: Expected `array`, got `int` - at `$.entries`"),
        ([], "bad request: Expected `object`, got `array`"),
    ],
)
def test_refusal_is_one_sentence_and_nothing_is_written(
    store: Store, body: object, sentence: str
) -> None:
    mesh = store.mesh
    assert post(body) == (400, {"error": sentence})
    assert store.mesh is mesh


def test_what_is_no_json_or_no_post_is_refused(store: Store) -> None:
    client = APIClient()
    broken = client.post("/api/apply", "{", content_type="application/json")
    assert (broken.status_code, list(broken.json())) == (400, ["error"])
    assert client.get("/api/apply").json() == {"error": 'Method "GET" not allowed.'}


def test_applying_takes_what_writing_each_entry_takes(api: Api) -> None:
    secret = api.holding('service "api" { policy = "write", intentions = "read" }')
    refused = api.post("/api/apply", {"entries": [HTTP, ADMIN]}, secret=secret)
    assert refused.status == 403
    assert refused.json["error"].endswith("lacks permission 'intention:write' on \"api\"")
    assert api.store.mesh.config_entries.service_defaults("api") is None
    assert api.post("/api/apply", {"entries": [HTTP]}, secret=secret).status == 200
    entry = newest(limit=1, alias=api.alias)[0]
    assert (entry.actor, entry.reason) == (f"token {api.accessor_of(secret)}", "apply")


def test_a_plan_takes_reading_and_says_what_is_lacking(api: Api) -> None:
    reader = api.holding('service_prefix "" { policy = "read" }')
    asked = {"entries": [HTTP, ADMIN], "dry_run": True}
    planned = api.post("/api/apply", asked, secret=reader)
    assert planned.json["plan"] == CREATED[::-1]
    assert planned.json["lacking"] == ["'service:write' on \"api\"", "'intention:write' on \"api\""]
    other = api.post("/api/apply", asked, secret=api.holding('service "web" { policy = "write" }'))
    assert other.status == 403


def test_a_login_s_cookie_needs_the_csrf_token_to_write(api: Api) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[COOKIE] = begin(api.callers, api.management(), now=datetime.now(UTC))
    asked = {"entries": [HTTP]}
    refused = api.ask("POST", "/api/apply", asked, client=browser)
    assert refused.status == 403
    assert refused.json["error"].startswith("a login's cookie does not prove that you mean it")
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    token = {"X-CSRFToken": "a" * 32}
    assert api.ask("POST", "/api/apply", asked, client=browser, headers=token).status == 200
    foreign = {**token, "Origin": "https://elsewhere.example"}
    assert api.ask("POST", "/api/apply", asked, client=browser, headers=foreign).status == 403
