"""`GET /api/certificates`: what is trusted, and what was signed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.mesh.types import Change, Mesh, Topic
from tests.rest_api.asking import Api

NOW = datetime.now(UTC).replace(microsecond=0)
ROOT = Root(
    id="aa:01",
    name="Tulle CA",
    serial=2**60,
    signing_key_id="bb:02",
    trust_domain="mesh.consul",
    certificate_pem="",
    sealed_key=b"sealed",
    not_before=NOW - timedelta(days=1),
    not_after=NOW + timedelta(days=3650),
    prepared_at=NOW - timedelta(days=1),
    state="active",
)


def leaf(service: str, *, hours_left: int) -> Leaf:
    return Leaf(
        service=service,
        spiffe_id=f"spiffe://mesh.consul/ns/default/dc/dc1/svc/{service}",
        serial=f"serial-{service}",
        certificate_pem="",
        sealed_key=b"sealed",
        root_id=ROOT.id,
        not_before=NOW - timedelta(hours=72 - hours_left),
        not_after=NOW + timedelta(hours=hours_left),
    )


LEAVES = {
    "instance:node-1/web-1": leaf("web", hours_left=70),
    "agent:api": leaf("api", hours_left=1),
    "instance:node-1/db-1": leaf("db", hours_left=-1),
}


def issue(api: Api) -> int:
    def action(_mesh: Mesh) -> Iterable[Change]:
        trust = Trust(cluster_id="one", own_domain="mesh.consul")
        yield Change(Topic.TRUST, (), None, trust)
        yield Change(Topic.ROOT, (ROOT.id,), None, ROOT)
        for key, value in LEAVES.items():
            yield Change(Topic.LEAF, (key,), None, value)

    return api.store.write_from_thread(action, actor="test").index


def moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def test_certificates_are_told_with_how_well_they_are(open_api: Api) -> None:
    index = issue(open_api)
    found = open_api.get("/api/certificates").json
    assert (found["index"], found["trust_domain"]) == (index, "mesh.consul")
    assert [(each["id"], each["state"], each["serial"]) for each in found["roots"]] == [
        ("aa:01", "active", str(2**60))
    ]
    assert [(each["service"], each["validity"]["severity"]) for each in found["leaves"]] == [
        ("db", "critical"),
        ("api", "warning"),
        ("web", "passing"),
    ]
    web = found["leaves"][2]
    assert (web["node"], web["instance"], web["issuer"]) == ("node-1", "web-1", "aa:01")
    assert web["spiffe_id"] == "spiffe://mesh.consul/ns/default/dc/dc1/svc/web"
    assert web["validity"]["not_after"] == moment(NOW + timedelta(hours=70))
    assert (found["leaves"][1]["node"], found["leaves"][1]["instance"]) == ("", "")


def test_leaves_come_a_page_at_a_time(open_api: Api) -> None:
    issue(open_api)
    first = open_api.get("/api/certificates?limit=2").json
    then = open_api.get(f"/api/certificates?limit=2&cursor={first['next']}").json
    assert [each["service"] for each in first["leaves"]] == ["db", "api"]
    assert [each["service"] for each in then["leaves"]] == ["web"]
    assert then["next"] is None


def test_leaves_are_those_of_services_that_may_be_read(api: Api) -> None:
    issue(api)
    reply = api.get("/api/certificates", secret=api.holding('service "web" { policy = "read" }'))
    assert [each["service"] for each in reply.json["leaves"]] == ["web"]
    assert reply.json["is_filtered"]
    assert len(reply.json["roots"]) == 1
    assert b"sealed" not in reply.body
