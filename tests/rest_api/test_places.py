"""`POST /api/places`: people put services where they want to see them."""

import pytest

from meshcore.mesh.places import Place
from meshcore.store.log import newest
from tests.rest_api.asking import Api
from tests.topology.meshes import service

SERVICES = (service("web"), service("api"))


def test_what_is_pinned_stands_there_for_everybody(open_api: Api) -> None:
    index = open_api.put(*SERVICES).index
    asked = {"pin": [{"service": "web", "x": 10, "y": -20.5}], "reason": "beside the gateway"}
    reply = open_api.post("/api/places", asked)
    assert (reply.status, reply.json) == (200, {"index": index + 1})
    web = open_api.get("/api/graph").json["vertices"][1]
    assert (web["x"], web["y"], web["pinned"]) == (10, -20.5, True)
    entry = newest(limit=1, before=index + 2, alias=open_api.alias)[0]
    assert entry.reason == "beside the gateway"
    assert open_api.post("/api/places", {"unpin": ["web"]}).status == 200
    assert open_api.store.mesh.places.of("web") == Place(x=10, y=-20.5)


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ({}, 400, "name from 1 to 1000 services in pin and unpin, each of them once"),
        ({"pin": [{"service": "web", "x": 0, "y": 0}], "unpin": ["web"]}, 400, "name from 1"),
        ({"pin": [{"service": "web", "x": 1e7, "y": 0}]}, 400, "x is 10000000.0: it must be"),
        ({"pin": [{"service": "web", "x": "left", "y": 0}]}, 400, "bad request: Expected `float`"),
        ({"pin": [{"service": "cache", "x": 0, "y": 0}]}, 404, "no service cache is in the graph"),
        ({"pinned": []}, 400, "bad request: Object contains unknown field `pinned`"),
    ],
)
def test_what_cannot_be_moved_is_refused(
    open_api: Api, asked: object, status: int, sentence: str
) -> None:
    mesh = open_api.put(*SERVICES)
    reply = open_api.post("/api/places", asked)
    assert reply.status == status
    assert reply.json["error"].startswith(sentence)
    assert open_api.store.mesh is mesh


def test_one_moves_what_one_may_write(api: Api) -> None:
    api.put(*SERVICES)
    secret = api.holding('service "web" { policy = "write" } service "api" { policy = "read" }')
    web, both = [{"service": "web", "x": 0, "y": 0}], [{"service": "api", "x": 0, "y": 99}]
    assert api.post("/api/places", {"pin": web}, secret=secret).status == 200
    refused = api.post("/api/places", {"pin": [*web, *both]}, secret=secret)
    assert refused.status == 403
    assert refused.json["error"].endswith("lacks permission 'service:write' on \"api\"")
