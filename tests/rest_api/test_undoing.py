"""`POST /api/changes/N/undo` and `POST /api/certificates/rotate`."""

import asyncio

import pytest

from meshcore.rest_api.context import provided
from tests.rest_api.asking import Api
from tests.topology.meshes import allow, deny, service, toward


def test_undo_is_an_entry_that_can_be_undone(open_api: Api) -> None:
    first = open_api.put(toward(allow("web", "api"))).index
    index = open_api.put(toward(deny("web", "api"))).index
    reply = open_api.post(f"/api/changes/{index}/undo", {"reason": "by mistake"})
    assert (reply.status, reply.json) == (200, {"index": index + 1})
    entry = open_api.store.recent.newest_first()[0]
    assert (entry.actor, entry.reason) == ("anonymous", "by mistake")
    assert open_api.get("/api/explain?source=web&destination=api").json["verdict"] == "allow"
    assert open_api.post(f"/api/changes/{index + 1}/undo", {}).status == 200
    assert open_api.get("/api/explain?source=web&destination=api").json["verdict"] == "deny"
    refused = open_api.post(f"/api/changes/{first}/undo", {})
    assert refused.status == 409
    assert refused.json["error"].startswith(f"cannot undo it: change {index + 2} has written")


@pytest.mark.parametrize("index", ["0", "99", "9" * 30])
def test_what_is_not_in_the_log_cannot_be_undone(open_api: Api, index: str) -> None:
    open_api.put(service("web"))
    reply = open_api.post(f"/api/changes/{index}/undo", {})
    assert (reply.status, reply.json) == (404, {"error": f"there is no change {int(index)}"})


def test_undo_takes_what_writing_takes(api: Api) -> None:
    index = api.put(service("api")).index
    reply = api.post(
        f"/api/changes/{index}/undo", {}, secret=api.holding('service "api" { policy = "write" }')
    )
    assert reply.status == 403
    assert reply.json["error"].endswith("lacks permission 'node:write' on \"node-1\"")


def test_rotation_prepares_a_root_and_says_at_which_index(open_api: Api) -> None:
    asyncio.run(provided().issuer.prepare())
    reply = open_api.post("/api/certificates/rotate", {"reason": "yearly"})
    assert (reply.status, reply.json) == (200, {"index": open_api.store.mesh.index})
    states = {root["state"] for root in open_api.get("/api/certificates").json["roots"]}
    assert states == {"active", "prepared"}
    assert open_api.store.recent.newest_first()[0].reason == "yearly"
    assert open_api.post("/api/certificates/rotate", {}).status == 409
