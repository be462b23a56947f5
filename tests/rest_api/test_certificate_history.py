"""`GET /api/certificates/timeline` and `/api/certificates/issued`."""

import asyncio

from meshcore.certificates.types import Root
from meshcore.rest_api.context import provided
from tests.rest_api.asking import Api


def prepared(api: Api) -> None:
    asyncio.run(provided().issuer.prepare())


def test_timeline_tells_what_happened_and_what_comes(open_api: Api) -> None:
    prepared(open_api)
    open_api.post("/api/certificates/rotate", {"reason": "yearly"})
    told = open_api.get("/api/certificates/timeline").json
    short = {root.id.replace(":", "")[:8]: root for root in roots(open_api)}
    assert [each["reason"] for each in told["happened"]] == [
        "",
        "root first",
        "the overlap is over",
        "yearly",
    ]
    last = told["happened"][-1]["sentences"]
    (prepared_id,) = (each for each, root in short.items() if root.state == "prepared")
    assert last == [f"root {prepared_id} prepared"]
    assert [each["what"] for each in told["coming"]] == ["active"]
    assert told["trouble"] is None


def roots(api: Api) -> list[Root]:
    return list(api.store.mesh.certificates.trusted_roots())


def test_every_certificate_is_listed_page_by_page(open_api: Api) -> None:
    prepared(open_api)
    for service in ("web", "api", "web"):
        number = len(open_api.store.mesh.certificates.leaves)
        asyncio.run(provided().issuer.leaf(f"instance:node-1/{service}-{number}", service))
    first = open_api.get("/api/certificates/issued?limit=2").json
    then = open_api.get(f"/api/certificates/issued?limit=9&cursor={first['next']}").json
    listed = first["issued"] + then["issued"]
    assert then["next"] is None
    assert [each["kind"] for each in listed] == ["root", "leaf", "leaf", "leaf"]
    web = open_api.get("/api/certificates/issued?service=web").json["issued"]
    assert {each["instance"] for each in web} == {"web-0", "web-2"}
    serial = web[0]["serial"].upper()
    assert open_api.get(f"/api/certificates/issued?serial={serial}").json["issued"] == web[:1]
    refused = open_api.get("/api/certificates/issued?cursor=WyJub3ciLCAiMSJd")
    assert refused.status == 400


def test_own_root_is_given_whole_or_not_at_all(open_api: Api) -> None:
    prepared(open_api)
    refused = open_api.post("/api/certificates/rotate", {"root_cert": "x"})
    assert (refused.status, refused.json["error"]) == (
        400,
        "root_cert and private_key are given together, or neither is",
    )
    bad = open_api.post("/api/certificates/rotate", {"root_cert": "x", "private_key": "y"})
    assert bad.status == 400
    assert "the root certificate cannot be read" in bad.json["error"]
