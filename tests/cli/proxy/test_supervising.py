"""Envoy's command line, and the file that it reads."""

import socket
import stat
from pathlib import Path

import pytest

from meshcore.cli.proxy.supervising import demand_free
from meshcore.lib.errors import NotFoundError, UnavailableError
from meshcore.sidecars.envoy import arguments, find_binary
from meshcore.sidecars.files import write_private


def test_live_connections_are_drained_at_once_unless_the_operator_says_otherwise() -> None:
    defaults = arguments("envoy", Path("b.json"), ())
    assert defaults[:4] == ["envoy", "-c", "b.json", "--disable-hot-restart"]
    assert defaults[4:8] == ["--drain-time-s", "1", "--drain-strategy", "immediate"]
    own = arguments("envoy", Path("b.json"), ("-l", "debug", "--drain-time-s=9"))
    assert "--log-level" not in own
    assert "--drain-time-s" not in own
    assert own[-3:] == ["-l", "debug", "--drain-time-s=9"]


def test_the_bootstrap_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "proxies" / "web.json"
    write_private(file, "{}")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("{}", 0o600)


def test_a_port_in_use_is_named_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UnavailableError, match=f"127.0.0.1:{port}.*--admin-bind"):
            demand_free("127.0.0.1", port)


def test_a_binary_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFoundError, match="no-such-envoy"):
        find_binary("no-such-envoy")
