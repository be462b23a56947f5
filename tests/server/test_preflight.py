"""`tulle server --check`, as a process: what an operator reads before a start."""

import re
import socket
import subprocess
import sys
from pathlib import Path

from tests.server.processes import environment

CHECK = (sys.executable, "-P", "-m", "meshcore.preflight")


def checked(environ: dict[str, str]) -> tuple[int, str]:
    ended = subprocess.run(
        CHECK, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stderr == ""
    return ended.returncode, ended.stdout


def test_a_configuration_that_works_is_said_line_by_line_and_nothing_is_made(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    environ = environment(folder)
    status, told = checked(environ)
    assert (status, told.splitlines()) == (
        0,
        [
            f"ok      data dir: {folder} will be made",
            f"ok      secret key: {folder}/secret.key will be made",
            f"ok      port: 127.0.0.1:{environ['TULLE_HTTP_PORT']} for HTTP is free",
            f"ok      port: 127.0.0.1:{environ['TULLE_GRPC_PORT']} for xDS is free",
            f"ok      database: SQLite: {folder}/tulle.db will be made",
            "ok      Redis: none",
            "ok      pages: scripts and styles are there",
        ],
    )
    assert not folder.exists()


def test_all_that_does_not_work_is_said_at_once_and_no_secret(tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    key.write_text("00" * 32)
    key.chmod(0o644)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environ = environment(
            tmp_path,
            HTTP_PORT=port,
            DATABASE_URL="postgresql://tulle:hushed@127.0.0.1:1/tulle",
            REDIS_URL="redis://:hushed@127.0.0.1:1/0",
        )
        status, told = checked(environ)
    failed = [line for line in told.splitlines() if line.startswith("FAILED")]
    assert status == 1
    assert re.fullmatch(
        rf"FAILED  secret key: {key} holds .*\n"
        rf"FAILED  port: port {port} for HTTP is not free: .*\n"
        r"FAILED  database: PostgreSQL: the database is away\n"
        r"FAILED  Redis: it does not answer: ConnectionError",
        "\n".join(failed),
    )
    assert "hushed" not in told
