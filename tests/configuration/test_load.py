from datetime import timedelta
from pathlib import Path

import pytest

from meshcore.configuration.load import Loaded, load
from meshcore.configuration.types import Configuration
from meshcore.lib.errors import InvalidError

HCL = """
datacenter = "dc2"   node_name = "node-2"
server = true
bootstrap_expect = 3
ports { http = 9500 grpc = -1, grpc_tls = 9503 }
addresses { http = "10.0.0.1" }
ui_config { enabled = true }
connect {
  enabled = true
  ca_config { leaf_cert_ttl = "24h" }
}
acl {
  enabled = true
  tokens { initial_management = "topsecret" }
}
acl { default_policy = "deny" }
retry_join = ["10.0.0.2"]
log_level = "WARN"
"""
JSON = """
{"datacenter": "dc2", "node_name": "node-2", "server": true, "bootstrap_expect": 3,
 "ports": {"http": 9500, "grpc": -1, "grpc_tls": 9503}, "addresses": {"http": "10.0.0.1"},
 "ui_config": {"enabled": true}, "log_level": "WARN", "retry_join": ["10.0.0.2"],
 "connect": {"enabled": true, "ca_config": {"leaf_cert_ttl": "24h"}},
 "acl": {"enabled": true, "default_policy": "deny",
         "tokens": {"initial_management": "topsecret"}}}
"""
ATTRIBUTES = """
datacenter = "dc2"
node_name = "node-2"
server = true
bootstrap_expect = 3
ports = { http = 9500, grpc = -1, grpc_tls = 9503 }
addresses = { http = "10.0.0.1" }
ui_config = { enabled = true }
connect = { enabled = true, ca_config = { leaf_cert_ttl = "24h" } }
acl = { enabled = true, default_policy = "deny", tokens = { initial_management = "topsecret" } }
retry_join = ["10.0.0.2"]
log_level = "WARN"
"""
DEFAULT = Configuration(
    datacenter="dc1",
    node_name="node-1",
    node_id=None,
    bind_addr="127.0.0.1",
    client_addr="127.0.0.1",
    http_listen_addr="127.0.0.1",
    grpc_listen_addr="127.0.0.1",
    dns_listen_addr="127.0.0.1",
    http_port=8500,
    external_url=None,
    grpc_port=8502,
    dns_port=8600,
    data_dir=Path("/srv/my tulle"),
    database_url="sqlite:////srv/my%20tulle/tulle.db",
    redis_url=None,
    trust_domain=None,
    default_intention_policy="deny",
    acl_enabled=True,
    acl_default_policy="deny",
    acl_initial_management_token=None,
    leaf_cert_ttl=timedelta(hours=72),
    root_cert_ttl=timedelta(hours=87600),
    ca_root_cert=None,
    ca_root_cert_file=None,
    ca_private_key=None,
    ca_private_key_file=None,
    secret_key=None,
    secret_key_file=Path("/srv/my tulle/secret.key"),
    check_allowed_networks=None,
    check_ca_file=None,
    reconnect_timeout=timedelta(hours=72),
    log_level="info",
    log_json=False,
)
BASE = {"TULLE_NODE_NAME": "node-1", "TULLE_DATA_DIR": "/srv/my tulle"}


def loaded(folder: Path, *, name: str, content: str, **environ: str) -> Loaded:
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return load({"TULLE_CONFIG_FILE": str(file), **environ})


def test_defaults_hold_where_nothing_is_said() -> None:
    given = frozenset({"node_name", "data_dir"})
    assert load(BASE) == Loaded(configuration=DEFAULT, warnings=(), given=given)


def test_data_dir_is_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({}).configuration.data_dir == tmp_path / ".tulle"


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("TULLE_DATACENTER", "dc2", "datacenter", "dc2"),
        ("TULLE_CLIENT_ADDR", "0.0.0.0", "grpc_listen_addr", "0.0.0.0"),
        ("TULLE_HTTP_PORT", "0", "http_port", 0),
        ("TULLE_DNS_PORT", "-1", "dns_port", None),
        ("TULLE_HTTP_PORT", "", "http_port", 8500),
        ("TULLE_LEAF_CERT_TTL", "1h30m", "leaf_cert_ttl", timedelta(minutes=90)),
        ("TULLE_DEFAULT_INTENTION_POLICY", "allow", "default_intention_policy", "allow"),
        ("TULLE_ACL_ENABLED", "no", "acl_enabled", False),
        ("TULLE_DATABASE_URL", "postgresql:///mesh?host=/run", "database_url", None),
        ("TULLE_REDIS_URL", "redis://localhost:6379/0", "redis_url", "redis://localhost:6379/0"),
        ("TULLE_LOG_LEVEL", "WARNING", "log_level", "warn"),
        ("TULLE_EXTERNAL_URL", "https://Mesh:443/", "external_url", "https://mesh"),
        ("TULLE_EXTERNAL_URL", "http://[::1]:8080", "external_url", "http://[::1]:8080"),
    ],
)
def test_each_setting_is_a_variable(variable: str, text: str, field: str, value: object) -> None:
    configuration = load(BASE | {variable: text}).configuration
    assert getattr(configuration, field) == (text if field == "database_url" else value)


@pytest.mark.parametrize(
    ("acl", "policy"),
    [
        ({}, "deny"),
        ({"TULLE_ACL_DEFAULT_POLICY": "allow"}, "allow"),
        ({"TULLE_ACL_ENABLED": "false"}, "allow"),
        ({"TULLE_ACL_DEFAULT_POLICY": "deny", "TULLE_ACL_ENABLED": "false"}, "allow"),
    ],
)
def test_intentions_follow_the_acl_default_where_acls_are_on(
    acl: dict[str, str], policy: str
) -> None:
    assert load(BASE | acl).configuration.default_intention_policy == policy


def test_environment_wins_over_file_over_default(tmp_path: Path) -> None:
    content = 'datacenter = "dc2"\nhttp_port = 9500\n'
    configuration = loaded(
        tmp_path, name="tulle.toml", content=content, TULLE_DATACENTER="dc3"
    ).configuration
    assert (configuration.datacenter, configuration.http_port, configuration.grpc_port) == (
        "dc3",
        9500,
        8502,
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("agent.hcl", HCL, id="HCL blocks"),
        pytest.param("agent.hcl", ATTRIBUTES, id="HCL attributes"),
        pytest.param("agent.json", JSON, id="JSON"),
        pytest.param("agent", JSON, id="found by content"),
        pytest.param("agent", HCL, id="HCL without an extension"),
    ],
)
def test_consuls_keys_are_taken_and_the_others_named_in_one_warning(
    tmp_path: Path, name: str, content: str
) -> None:
    found = loaded(tmp_path, name=name, content=content, TULLE_DATA_DIR="/srv/my tulle")
    unused = "bootstrap_expect, connect.enabled, ports.grpc, retry_join, server, ui_config.enabled"
    assert found.warnings == (f"{tmp_path / name}: not used: {unused}",)
    changed = {
        "datacenter": "dc2",
        "node_name": "node-2",
        "http_port": 9500,
        "http_listen_addr": "10.0.0.1",
        "grpc_port": 9503,
        "acl_enabled": True,
        "acl_default_policy": "deny",
        "acl_initial_management_token": "topsecret",
        "default_intention_policy": "deny",
        "leaf_cert_ttl": timedelta(hours=24),
        "log_level": "warn",
    }
    fields = {field: getattr(DEFAULT, field) for field in DEFAULT.__struct_fields__}
    assert found.configuration == Configuration(**fields | changed)


def test_grpc_counts_before_grpc_tls_unless_it_is_off(tmp_path: Path) -> None:
    both = "ports { grpc = 9502 grpc_tls = 9503 }"
    found = loaded(tmp_path, name="agent.hcl", content=both)
    assert found.configuration.grpc_port == 9502
    assert found.warnings == (f"{tmp_path / 'agent.hcl'}: not used: ports.grpc_tls",)


def test_unknown_variables_are_named_in_one_warning() -> None:
    others = {"TULLE_HTTP_ADDR": "x", "TULLE_HTTP_TOKEN": "x", "TULLE_CACERT": "x", "HOME": "/"}
    found = load(BASE | others | {"TULLE_HTTP_PROT": "1", "TULLE_COLOUR": "red"})
    assert found.warnings == ("unknown variables, not used: TULLE_COLOUR, TULLE_HTTP_PROT",)


def test_unknown_keys_of_our_own_file_are_named(tmp_path: Path) -> None:
    found = loaded(tmp_path, name="tulle.toml", content="http_prot = 1\n[colour]\na = 1\n")
    assert found.warnings == (f"{tmp_path / 'tulle.toml'}: not used: colour, http_prot",)


def test_empty_file_says_nothing(tmp_path: Path) -> None:
    for name in ("agent.hcl", "tulle.toml"):
        assert loaded(tmp_path, name=name, content="", **BASE).configuration == DEFAULT


@pytest.mark.parametrize(
    ("variable", "text", "allowed"),
    [
        ("TULLE_HTTP_PORT", "http", "a port from 0 to 65535 (0: any free one)"),
        ("TULLE_GRPC_PORT", "65536", "a port from 0 to 65535 (0: any free one)"),
        ("TULLE_DNS_PORT", "-2", "a port from 0 to 65535, or -1 for none"),
        ("TULLE_CLIENT_ADDR", "localhost", "an IP address, such as 127.0.0.1 or ::"),
        ("TULLE_LEAF_CERT_TTL", "3d", "a duration of at least 1s, written as 72h or 1h30m"),
        ("TULLE_LEAF_CERT_TTL", "0", "a duration of at least 1s, written as 72h or 1h30m"),
        ("TULLE_DEFAULT_INTENTION_POLICY", "Allow", "allow or deny"),
        ("TULLE_ACL_ENABLED", "maybe", "true or false"),
        ("TULLE_NODE_ID", "1", "a UUID"),
        ("TULLE_LOG_LEVEL", "loud", "trace, debug, info, warn or error"),
        ("TULLE_TRUST_DOMAIN", "Mesh!", "a DNS name in lower case"),
        ("TULLE_REDIS_URL", "localhost", None),
        ("TULLE_DATABASE_URL", "mysql://root:hunter2@db/mesh", None),
        ("TULLE_DATABASE_URL", "postgresql://root:hunter2@db:many/mesh", None),
        ("TULLE_SECRET_KEY", "hunter2", None),
    ],
)
def test_bad_value_is_told_with_its_variable_and_what_is_allowed(
    variable: str, text: str, allowed: str | None
) -> None:
    with pytest.raises(InvalidError) as refusal:
        load(BASE | {variable: text})
    first, second = str(refusal.value).splitlines()
    assert first == "this configuration does not work:"
    if allowed:
        assert second == f'  {variable}: "{text}" is not allowed; it takes {allowed}'
    else:  # may hold a secret, which belongs in no message
        assert second.startswith(f"  {variable}: this value is not allowed; it takes ")


def test_all_problems_are_told_at_once_with_file_line_and_key(tmp_path: Path) -> None:
    content = 'ports {\n  http = "many"\n}\nacl { enabled = 5 }\nlog_level = ["info"]'
    with pytest.raises(InvalidError) as refusal:
        loaded(tmp_path, name="agent.hcl", content=content, TULLE_DATACENTER="DC 1")
    file = tmp_path / "agent.hcl"
    assert str(refusal.value).splitlines()[1:] == [
        '  TULLE_DATACENTER: "DC 1" is not allowed; it takes 1 to 64 of a-z, 0-9, - and _,'
        " beginning with a letter or digit",
        f'  {file}:2: ports.http: "many" is not allowed; it takes a port from 0 to 65535'
        " (0: any free one)",
        f"  {file}:4: acl.enabled: 5 is not allowed; it takes true or false",
        f'  {file}:5: log_level: ["info"] is not allowed; it takes trace, debug, info, warn'
        " or error",
    ]


def test_bad_value_in_our_own_file_names_its_key(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"tulle\.toml:http_port: true is not allowed"):
        loaded(tmp_path, name="tulle.toml", content="http_port = true")


def test_root_that_outlives_no_three_leaves_is_refused() -> None:
    with pytest.raises(InvalidError) as refusal:
        load(BASE | {"TULLE_ROOT_CERT_TTL": "200h"})
    assert str(refusal.value).splitlines()[1] == (
        "  TULLE_ROOT_CERT_TTL: a root has to live three times as long as a leaf;"
        " 200h0m0s is too short beside 72h0m0s"
    )


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("tulle.toml", "a = 1\nb = \n", "tulle.toml: Invalid value (at line 2, column 5)"),
        ("agent.hcl", "a = 1\nb = \n", "agent.hcl:3: a value expected"),
        ("agent.json", '{"a": 1,\n"b"}', "agent.json:2: bad JSON: Expecting ':' delimiter"),
    ],
)
def test_bad_syntax_is_told_with_file_and_line(
    tmp_path: Path, name: str, content: str, where: str
) -> None:
    with pytest.raises(InvalidError) as refusal:
        loaded(tmp_path, name=name, content=content)
    assert where in str(refusal.value)


def test_missing_file_is_told() -> None:
    with pytest.raises(InvalidError, match="cannot read the configuration file /nowhere"):
        load({"TULLE_CONFIG_FILE": "/nowhere/a.hcl"})


def test_secrets_do_not_show_when_a_configuration_is_logged() -> None:
    secrets = {
        "TULLE_SECRET_KEY": "ab" * 32,
        "TULLE_DATABASE_URL": "postgresql://root:hunter2@db/mesh",
        "TULLE_REDIS_URL": "redis://:hunter2@db:6379",
        "TULLE_ACL_INITIAL_MANAGEMENT_TOKEN": "hunter2",
    }
    shown = repr(load(BASE | secrets).configuration)
    assert "hunter2" not in shown
    assert "ab" * 32 not in shown
    assert "datacenter='dc1'" in shown


def test_a_secret_may_stand_in_a_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("redis://:topsecret@redis:6379/0\n")
    found = load({"TULLE_REDIS_URL_FILE": str(file), "TULLE_NODE_NAME_FILE": str(file)})
    assert found.configuration.redis_url == "redis://:topsecret@redis:6379/0"
    assert found.warnings == ("unknown variables, not used: TULLE_NODE_NAME_FILE",)
    direct = load({"TULLE_REDIS_URL_FILE": str(file), "TULLE_REDIS_URL": "redis://other"})
    assert direct.configuration.redis_url == "redis://other"


def test_a_file_of_a_secret_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=f"TULLE_REDIS_URL_FILE: {tmp_path}/none cannot be read"):
        load({"TULLE_REDIS_URL_FILE": str(tmp_path / "none")})


def test_a_secret_in_a_file_that_cannot_be_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("mysql://root:topsecret@db/tulle")
    with pytest.raises(InvalidError, match="TULLE_DATABASE_URL_FILE: this value is not") as told:
        load({"TULLE_DATABASE_URL_FILE": str(file)})
    assert "topsecret" not in str(told.value)
