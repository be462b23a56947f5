"""`tulle` in this process, against one real server that all tests share."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from meshcore.acl.types import ANONYMOUS_TOKEN, GLOBAL_MANAGEMENT, GLOBAL_READ_ONLY
from meshcore.cli.main import main
from meshcore.client.address import address
from meshcore.client.http import DEFAULT_PORT, Client, segment
from meshcore.config_entries.types import KINDS
from meshcore.lib.errors import NotFoundError
from tests.server.processes import bootstrap_token, environment, running


class Printed(NamedTuple):
    out: str
    err: str
    code: int


Tulle = Callable[..., Printed]


class Server(NamedTuple):
    address: str
    data_dir: str
    token: str


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environ = environment(tmp_path_factory.mktemp("cli"), NODE_NAME="node-1")
    with running(environ):
        yield Server(
            f"127.0.0.1:{environ['TULLE_HTTP_PORT']}",
            environ["TULLE_DATA_DIR"],
            bootstrap_token(environ),
        )


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Tulle:
    """Run one command line as the shell would."""

    def run(*words: str) -> Printed:
        with pytest.raises(SystemExit) as ended:
            main(words)
        return Printed(*capsys.readouterr(), int(str(ended.value.code)))

    return run


@pytest.fixture
def tulle(
    run: Tulle, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Tulle]:
    """Commands for the server, in an empty folder; what they leave there is removed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TULLE_HTTP_ADDR", server.address)
    monkeypatch.setenv("TULLE_DATA_DIR", server.data_dir)  # where they find the token themselves
    yield run
    clean(Client(address(server.address, default_port=DEFAULT_PORT), token=server.token))


def clean(client: Client) -> None:
    for service_id in client.get("/v1/agent/services"):
        with suppress(NotFoundError):  # a sidecar that went with its instance
            client.put(f"/v1/agent/service/deregister/{segment(service_id)}")
    # Intentions first: those with permissions hold the entry that says http.
    for kind in sorted(KINDS, key="service-intentions".__ne__):
        for entry in client.get(f"/v1/config/{kind}"):
            client.delete(f"/v1/config/{kind}/{segment(entry['Name'])}")
    clean_acl(client)


def clean_acl(client: Client) -> None:
    own = client.get("/v1/acl/token/self")["AccessorID"]
    for method in client.get("/v1/acl/auth-methods"):  # with rules and tokens of theirs
        client.delete(f"/v1/acl/auth-method/{segment(method['Name'])}")
    for what, field, kept in (
        ("token", "AccessorID", (own, ANONYMOUS_TOKEN)),
        ("role", "ID", ()),
        ("policy", "ID", (GLOBAL_MANAGEMENT, GLOBAL_READ_ONLY)),
    ):
        listed = "policies" if what == "policy" else f"{what}s"
        for one in client.get(f"/v1/acl/{listed}"):
            if one[field] not in kept:
                client.delete(f"/v1/acl/{what}/{one[field]}")
