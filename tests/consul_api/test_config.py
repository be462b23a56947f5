import pytest

from tests.consul_api.calling import Consul

DEFAULTS = {"Kind": "service-defaults", "Name": "web", "Protocol": "http", "Meta": {"team": "a"}}
INTENTIONS = {
    "Kind": "service-intentions",
    "Name": "db",
    "Sources": [{"Name": "*", "Action": "deny"}, {"Name": "api", "Action": "allow"}],
}


def test_entry_is_written_read_listed_and_deleted(consul: Consul) -> None:
    assert consul.put("/v1/config", DEFAULTS).body == b"true"
    shown = {**DEFAULTS, "CreateIndex": 2, "ModifyIndex": 2}
    assert consul.get("/v1/config/service-defaults/web").json == shown
    assert consul.get("/v1/config/service-defaults").json == [shown]
    assert consul.get("/v1/config/service-defaults?filter=Meta.team==b").json == []
    assert consul.get("/v1/config/proxy-defaults").json == []
    assert consul.ask("DELETE", "/v1/config/service-defaults/web").body == b"{}"
    gone = consul.get("/v1/config/service-defaults/web")
    text = 'Config entry not found for "service-defaults" / "web"'
    assert (gone.status, gone.text) == (404, text)


def test_intentions_are_an_entry_too_with_their_sources_by_precedence(consul: Consul) -> None:
    consul.put("/v1/config", INTENTIONS)
    assert consul.get("/v1/config/service-intentions/db").json == {
        "Kind": "service-intentions",
        "Name": "db",
        "Sources": [
            {"Name": "api", "Action": "allow", "Precedence": 9, "Type": "consul"},
            {"Name": "*", "Action": "deny", "Precedence": 8, "Type": "consul"},
        ],
        "CreateIndex": 2,
        "ModifyIndex": 2,
    }
    assert consul.ask("DELETE", "/v1/config/service-intentions/db").body == b"{}"
    assert consul.get("/v1/connect/intentions").json == []


def test_compare_and_set_says_whether_it_did(consul: Consul) -> None:
    assert consul.put("/v1/config?cas=0", DEFAULTS).body == b"true"
    changed = {**DEFAULTS, "Protocol": "grpc"}
    assert consul.put("/v1/config?cas=0", changed).body == b"false"
    assert consul.put("/v1/config?cas=2", changed).body == b"true"
    assert consul.ask("DELETE", "/v1/config/service-defaults/web?cas=2").body == b"false"
    assert consul.ask("DELETE", "/v1/config/service-defaults/web?cas=3").body == b"true"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "Request decoding failed: Input data was truncated"),
        (
            {**DEFAULTS, "Protocl": "http"},
            "Request decoding failed: Protocl: unknown field; did you mean Protocol?",
        ),
        ([1], "Request decoding failed: a config entry is a JSON object"),
    ],
)
def test_what_cannot_be_read_is_named(consul: Consul, body: object, text: str) -> None:
    reply = consul.ask("PUT", "/v1/config", body)
    assert (reply.status, reply.text) == (400, text)


def test_unknown_kind_is_refused(consul: Consul) -> None:
    reply = consul.get("/v1/config/no-such-kind")
    assert (reply.status, reply.text) == (400, "invalid config entry kind: no-such-kind")
