"""`tulle debug` against a server as a process."""

import json
import subprocess
import sys
from pathlib import Path

from meshcore.lib import archives
from tests.server.processes import environment, running

TULLE = (sys.executable, "-m", "meshcore.cli.main")
PARTS = {
    *("versions.json", "settings.json", "store.json", "process.json", "streams.json"),
    *("tasks.txt", "threads.txt", "log.txt", "metrics.txt"),
}


def test_a_bundle_has_all_that_helps_and_no_secret(tmp_path: Path) -> None:
    secrets = {
        "SECRET_KEY": "5ec1" * 16,
        "ACL_INITIAL_MANAGEMENT_TOKEN": "0b5ec1e7-0000-4000-8000-000000000001",
    }
    environ = environment(tmp_path / "data", **secrets)
    file = tmp_path / "bundle.tar.gz"
    with running(environ) as (_, client):
        assert client.get("/v1/internal/debug", headers={"X-Consul-Token": ""}).status_code == 403
        command = [*TULLE, "debug", "-o", str(file)]
        address = {"TULLE_HTTP_ADDR": str(client.base_url)}
        subprocess.run(command, env=environ | address, check=True, stdout=subprocess.DEVNULL)
    assert file.stat().st_mode & 0o777 == 0o600
    packed = archives.unpack(file.read_bytes(), what="bundle")
    found = {name: content.decode() for name, content in packed.items()}
    assert set(found) == PARTS
    assert json.loads(found["settings.json"])["TULLE_SECRET_KEY"] == "***"
    assert json.loads(found["store.json"])["trouble"] == ""
    assert "HTTP on 127.0.0.1" in found["log.txt"]
    assert "store-writer" in found["threads.txt"]
    assert "tulle_store_index" in found["metrics.txt"]
    for secret in secrets.values():
        assert not any(secret in text for text in found.values())
