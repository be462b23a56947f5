import os
import socket
import subprocess
import sys

import pytest

from meshcore.cli.dev.ports import Wanted, require_free
from meshcore.lib.errors import UnavailableError

LISTENER = """
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    sys.stdin.read()
"""


def wanted(port: int) -> Wanted:
    return Wanted(host="127.0.0.1", port=port, purpose="web", way_out="set WEB_PORT")


def test_the_message_names_port_process_and_way_out() -> None:
    argv = [sys.executable, "-c", LISTENER]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as listener:
        assert listener.stdout
        port = int(listener.stdout.readline())
        with pytest.raises(UnavailableError) as caught:
            require_free([wanted(port)])
        listener.communicate()
    message = str(caught.value)
    assert message.startswith(f"port {port} for web is not free: used by python")
    assert message.endswith(f"(pid {listener.pid}); set WEB_PORT")
    require_free([wanted(port)])


def test_every_taken_port_is_named_at_once() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as first,
        socket.create_server(("127.0.0.1", 0)) as second,
        pytest.raises(UnavailableError) as caught,
    ):
        require_free([wanted(first.getsockname()[1]), wanted(second.getsockname()[1])])
    lines = str(caught.value).splitlines()
    assert [f"(pid {os.getpid()})" in line for line in lines] == [True, True]
