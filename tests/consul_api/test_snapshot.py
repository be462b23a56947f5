"""The whole mesh as a file, and back."""

from tests.consul_api.calling import Consul

WEB = {"Node": "node-2", "Address": "10.0.0.2", "Service": {"Service": "web", "Port": 80}}
API = {"Node": "node-3", "Address": "10.0.0.3", "Service": {"Service": "api", "Port": 80}}


def services(consul: Consul) -> list[str]:
    return sorted(consul.get("/v1/catalog/services").json)


def test_what_was_written_since_is_gone_and_the_index_goes_on(consul: Consul) -> None:
    consul.put("/v1/catalog/register", WEB)
    saved = consul.get("/v1/snapshot")
    assert saved.headers["content-type"] == "application/x-gzip"
    consul.put("/v1/catalog/register", API)
    index = int(consul.get("/v1/catalog/services").headers["x-consul-index"])
    assert consul.put("/v1/snapshot", saved.body).status == 200
    assert services(consul) == ["web"]
    assert int(consul.get("/v1/catalog/services").headers["x-consul-index"]) > index


def test_what_is_no_snapshot_changes_nothing(consul: Consul) -> None:
    consul.put("/v1/catalog/register", WEB)
    refused = consul.ask("PUT", "/v1/snapshot", b"nothing of the kind")
    assert refused.status == 400
    assert refused.text.startswith("this is no snapshot")
    assert services(consul) == ["web"]
