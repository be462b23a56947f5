"""The log over HTTP: newest first, filtered, and without what is secret or not to be read."""

import pytest

from meshcore.mesh import watch
from tests.rest_api.asking import Api
from tests.topology.meshes import allow, service, toward

INTENTION = toward(allow("web", "api"))


def indexes(api: Api, query: str = "", *, secret: str = "") -> list[int]:
    return [
        each["index"] for each in api.get(f"/api/changes?{query}", secret=secret).json["changes"]
    ]


def test_an_entry_says_what_became_of_what(open_api: Api) -> None:
    open_api.put(service("web"))
    index = open_api.put(INTENTION).index
    entry = open_api.get("/api/changes?topic=intentions").json["changes"][0]
    assert entry.pop("at").endswith("Z")
    assert entry == {
        "index": index,
        "actor": "test",
        "reason": "",
        "changes": [
            {
                "topic": "intentions",
                "key": ["api"],
                "sentences": ["intention web → api created: allow"],
                "differences": [{"path": "Sources[web].Action", "before": None, "after": "allow"}],
            },
        ],
    }


def test_the_log_is_read_backwards_in_parts(open_api: Api) -> None:
    last = [open_api.put(service(f"s{number}")).index for number in range(5)][-1]
    first = open_api.get("/api/changes?limit=2").json
    assert [each["index"] for each in first["changes"]] == [last, last - 1]
    then = open_api.get(f"/api/changes?limit=2&before={first['before']}").json
    assert [each["index"] for each in then["changes"]] == [last - 2, last - 3]
    assert open_api.get("/api/changes?limit=1000").json["before"] is None


def test_entries_are_found_by_what_they_are_about(open_api: Api) -> None:
    web = open_api.put(service("web")).index
    api = open_api.put(INTENTION).index
    assert indexes(open_api, "topic=instance,check") == [web]
    assert indexes(open_api, "name=api") == [api]
    assert indexes(open_api, "actor=TES") == [api, web]
    assert indexes(open_api, "actor=nobody") == []
    assert indexes(open_api, "since=2100-01-01T00:00:00Z") == []
    assert indexes(open_api, "until=2100-01-01T00:00:00Z&since=2020-01-01T00:00:00Z") == [api, web]


def test_what_the_layout_did_is_told_to_who_asks_for_it(open_api: Api) -> None:
    web = open_api.put(service("web")).index
    open_api.get("/api/graph")
    open_api.store.wait_from_thread([watch.PLACES], after=web, timeout_s=60)
    assert indexes(open_api) == [web]
    assert indexes(open_api, "actor=layout") == [web + 1]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("topic=colour", "there is no topic colour: node, instance, "),
        ("since=yesterday", "since must be a moment such as 2026-01-31T12:00:00Z"),
        ("since=2026-01-31T12:00:00", "since must be a moment such as"),
        ("before=-1", "before must be a number"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(open_api: Api, query: str, sentence: str) -> None:
    reply = open_api.get(f"/api/changes?{query}")
    assert reply.status == 400
    assert reply.json["error"].startswith(sentence)


def test_the_log_is_of_what_may_be_read_and_tells_no_secret(api: Api) -> None:
    web = api.put(service("web")).index
    api.put(service("api"))
    secret = api.holding('service "web" { policy = "read" }')
    found = api.get("/api/changes", secret=secret).json
    assert ([each["index"] for each in found["changes"]], found["is_filtered"]) == ([web], True)
    whole = api.get("/api/changes", secret=api.management())
    token = next(
        each for each in whole.json["changes"] if each["changes"][0]["topic"] == "acl-token"
    )
    told = {each["path"]: each["after"] for each in token["changes"][0]["differences"]}
    assert (told["secret_hash"], told["sealed_secret"]) == ("(hidden)", "(hidden)")
    assert api.callers.hashed(secret).encode() not in whole.body
