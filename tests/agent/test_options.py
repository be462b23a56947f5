"""How the agent is started: its options, the environment, and Consul's own files."""

from pathlib import Path

import pytest

from meshcore.agent import settings
from meshcore.agent.options import Chosen, chosen
from meshcore.agent.settings import SETTINGS, Settings
from meshcore.configuration import listing
from meshcore.lib.errors import InvalidError

PAGE = Path(__file__).parents[2] / "docs" / "agent-settings.md"
CONSUL = """
node_name = "host-9"
server = false
retry_join = ["10.0.0.1:8301", "10.0.0.2"]
bind_addr = "10.1.2.3"
ports { http = 8600  dns = -1 }
acl { tokens { agent = "of-agent"  default = "of-all" } }
enable_local_script_checks = true
node_meta { rack = "r1" }
service { name = "web"  port = 80 }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "consul.hcl"
    file.write_text(CONSUL)
    return file


def started(*words: str, **environ: str) -> Chosen:
    return chosen(words, environ)


def test_page_of_settings_is_what_the_table_says() -> None:
    assert PAGE.read_text() == listing.page(settings.HEAD, SETTINGS)


def test_table_and_settings_name_the_same() -> None:
    assert {setting.name for setting in SETTINGS} == set(Settings.__struct_fields__)


def test_the_configuration_of_a_consul_agent_works(file: Path) -> None:
    found = started("-config-file", str(file))
    assert found.node_meta == {"rack": "r1"}
    assert found.warnings == (f"{file}: not used: ports.dns, server",)
    given = found.settings
    assert (given.node_name, given.advertise_addr, given.http_port) == ("host-9", "10.1.2.3", 8600)
    assert given.servers == ("10.0.0.1", "10.0.0.2")
    assert (given.own_token, given.default_token) == ("of-agent", "of-all")
    assert given.enable_local_script_checks is True
    assert given.enable_script_checks is False


def test_options_win_over_the_environment_and_that_over_files(file: Path) -> None:
    found = started(
        *("--config-file", str(file), "--node", "host-1", "--server", "a:1", "--server", "b:2"),
        TULLE_HTTP_PORT="8700",
        TULLE_NODE_NAME="host-2",
    )
    assert found.settings.node_name == "host-1"
    assert found.settings.http_port == 8700
    assert found.settings.servers == ("a:1", "b:2")


def test_consuls_own_options_work() -> None:
    found = started("-retry-join", "10.0.0.1", "-retry-join=10.0.0.2", "-bind", "10.1.2.3")
    assert found.settings.servers == ("10.0.0.1", "10.0.0.2")
    assert found.settings.advertise_addr == "10.1.2.3"


def test_every_value_that_cannot_be_is_named_with_its_source(file: Path) -> None:
    with pytest.raises(InvalidError) as refused:
        started("--config-file", str(file), "--http-port", "x", TULLE_CLIENT_ADDR="here")
    assert str(refused.value).splitlines() == [
        "this configuration does not work:",
        '  TULLE_CLIENT_ADDR: "here" is not allowed; it takes an IP address, such as 127.0.0.1'
        " or ::",
        '  --http-port: "x" is not allowed; it takes a port from 0 to 65535 (0: any free one)',
    ]


def test_there_has_to_be_a_server() -> None:
    with pytest.raises(InvalidError, match="no server is named: give the HTTP address"):
        started()


def test_no_token_is_shown(file: Path) -> None:
    assert "of-a" not in repr(started("--config-file", str(file)))
