"""Backups, and moving a mesh from SQLite to PostgreSQL."""

import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Tulle
from tests.server.processes import environment, running
from tests.store import postgresql

WEB = {"Node": "node-2", "Address": "127.0.0.2", "Service": {"Service": "web", "Port": 80}}


def test_a_snapshot_is_saved_for_its_owner_alone_inspected_and_restored(
    tulle: Tulle, tmp_path: Path
) -> None:
    file = tmp_path / "mesh.snap"
    tulle("intention", "create", "till", "vault", "--allow")
    saved = tulle("snapshot", "save", str(file))
    assert (saved.code, saved.err) == (0, "")
    assert saved.out.startswith("Saved: index ")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shown = tulle("snapshot", "inspect", str(file)).out
    assert "trust domain" in shown
    assert "acl-token" in shown
    tulle("intention", "delete", "till", "vault")
    assert tulle("snapshot", "restore", str(file)).out.startswith("Restored: index ")
    assert tulle("intention", "check", "till", "vault").code == 0
    tulle("intention", "delete", "till", "vault")


def test_what_is_no_snapshot_is_refused_before_anybody_is_asked(
    tulle: Tulle, tmp_path: Path
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("nothing of the kind")
    for command in ("inspect", "restore"):
        refused = tulle("snapshot", command, str(file))
        assert refused.code == 2
        assert "this is no snapshot" in refused.err
    missing = tulle("snapshot", "inspect", str(tmp_path / "none"))
    assert "there is no file" in missing.err


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    with postgresql.running() as server:
        yield server.url("postgres")


def test_a_mesh_moves_from_sqlite_to_postgresql_with_its_authority_and_tokens(
    tmp_path: Path, database_url: str
) -> None:
    key = {"SECRET_KEY": secrets.token_hex(32)}
    with running(environment(tmp_path / "small", NODE_NAME="node-1", **key)) as (_, client):
        client.put("/v1/catalog/register", json=WEB).raise_for_status()
        token = client.headers["X-Consul-Token"]
        roots = client.get("/v1/connect/ca/roots").json()
        snapshot = client.get("/v1/snapshot").raise_for_status().content
    large = environment(tmp_path / "large", NODE_NAME="node-1", DATABASE_URL=database_url, **key)
    with running(large) as (_, client):
        restored = client.put("/v1/snapshot", content=snapshot)
        assert restored.status_code == 200, restored.text
        client.headers["X-Consul-Token"] = token
        assert client.get("/v1/catalog/services").json() == {"web": []}
        assert client.get("/v1/connect/ca/roots").json()["TrustDomain"] == roots["TrustDomain"]
        leaf = client.get("/v1/agent/connect/ca/leaf/web")
        assert leaf.status_code == 200, leaf.text
    other = environment(tmp_path / "other", NODE_NAME="node-1")
    with running(other) as (_, client):
        refused = client.put("/v1/snapshot", content=snapshot)
        assert refused.status_code == 409
        assert "made under another secret key" in refused.text
