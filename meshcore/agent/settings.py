"""Every setting of the agent, once; docs/agent-settings.md is made of this table.

Each is `TULLE_<NAME>` in the environment, or a key of Consul's agent configuration.
"""

from pathlib import Path

import msgspec

from meshcore.configuration import parsers
from meshcore.configuration.table import BY_NAME, Setting, own_name, same_as

HEAD = """# Settings of the agent

Each is a variable in the environment or, where a key is named, a key of Consul's agent
configuration (HCL or JSON) in a file that `--config-file` or `--config-dir` names. Options win over
the environment, the environment over files, a later file over an earlier one. Bad values stop the
start, all named at once; what is not used is named in a warning. A change takes a restart: only
definitions of services and checks are followed while the agent runs. `node_meta` stands in a file
alone. TLS to servers is that of the command line: `TULLE_CACERT`, `TULLE_CAPATH`,
`TULLE_CLIENT_CERT`, `TULLE_CLIENT_KEY`, `TULLE_HTTP_SSL_VERIFY`, or Consul's.

| variable | default | Consul's key | what it is | takes |
|---|---|---|---|---|
"""

SETTINGS = (
    Setting(
        name="datacenter",
        parse=parsers.datacenter,
        default="dc1",
        consul=("datacenter",),
        help="name of the servers' datacenter",
    ),
    Setting(
        name="node_name",
        parse=parsers.node_name,
        derive=own_name,
        default_text="the host's name",
        consul=("node_name",),
        help="this host's name in the registry",
    ),
    Setting(
        name="node_id",
        parse=parsers.uuid,
        default_text="made once, kept in the data dir",
        consul=("node_id",),
        help="this host's UUID in the registry",
    ),
    Setting(
        name="advertise_addr",
        parse=parsers.address,
        default_text="the address by which the first server is reached",
        consul=("advertise_addr", "bind_addr"),
        help="address under which this host is registered",
    ),
    Setting(
        name="client_addr",
        parse=parsers.address,
        default="127.0.0.1",
        consul=("client_addr",),
        help="address on which the agent listens",
    ),
    Setting(
        name="http_listen_addr",
        parse=parsers.address,
        derive=same_as("client_addr"),
        default_text="client_addr",
        consul=("addresses.http",),
        help="address on which HTTP listens",
    ),
    Setting(
        name="http_port",
        parse=parsers.port,
        default="8500",
        consul=("ports.http",),
        help="port of the HTTP API",
    ),
    Setting(
        name="grpc_port",
        parse=parsers.port_or_off,
        default="8502",
        consul=("ports.grpc_tls", "ports.grpc"),
        help="port on which Envoys reach the xDS of whichever server is up; -1 for none",
    ),
    Setting(
        name="grpc_servers",
        parse=parsers.servers,
        default_text="the servers' hosts, port 8502",
        help="where the servers' xDS is, host:port each",
    ),
    Setting(
        name="data_dir",
        parse=parsers.path,
        default=".tulle-agent",
        consul=("data_dir",),
        help="where the agent keeps what was registered through it",
    ),
    Setting(
        name="servers",
        parse=parsers.servers,
        default_text="none; there has to be one",
        consul=("retry_join", "start_join"),
        help="the servers' HTTP addresses; the next one is asked when one is away",
    ),
    Setting(
        name="ca_file",
        parse=parsers.path,
        default_text="TULLE_CACERT, else the system's",
        consul=("tls.defaults.ca_file", "ca_file"),
        help="whose signature the certificate of an https:// server has to bear",
    ),
    Setting(
        name="acl_agent_token",
        parse=parsers.text,
        default_text="none",
        consul=("acl.tokens.agent",),
        help="secret of the token with which the agent writes its node; needs node:write",
        is_secret=True,
    ),
    Setting(
        name="acl_default_token",
        parse=parsers.text,
        default_text="none",
        consul=("acl.tokens.default",),
        help="secret of the token for services that name none, and for requests without one",
        is_secret=True,
    ),
    Setting(
        name="enable_script_checks",
        parse=parsers.boolean,
        default="false",
        consul=("enable_script_checks",),
        help="whether scripts are run, also those that are registered over HTTP",
    ),
    Setting(
        name="enable_local_script_checks",
        parse=parsers.boolean,
        default="false",
        consul=("enable_local_script_checks",),
        help="whether scripts are run that are defined in files",
    ),
    BY_NAME["check_allowed_networks"],
    BY_NAME["check_ca_file"],
    Setting(
        name="sidecars",
        parse=parsers.boolean,
        default="false",
        help="whether an Envoy is run for each sidecar that is registered here",
    ),
    Setting(
        name="log_level",
        parse=parsers.log_level,
        default="info",
        consul=("log_level",),
        help="trace, debug, info, warn or error",
    ),
)
SECRETS = frozenset(setting.name for setting in SETTINGS if setting.is_secret)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    datacenter: str
    node_name: str
    node_id: str | None
    advertise_addr: str | None
    client_addr: str
    http_listen_addr: str
    http_port: int
    grpc_port: int | None
    grpc_servers: tuple[str, ...] | None
    data_dir: Path
    servers: tuple[str, ...] | None
    ca_file: Path | None
    acl_agent_token: str | None
    acl_default_token: str | None
    enable_script_checks: bool
    enable_local_script_checks: bool
    check_allowed_networks: tuple[str, ...] | None
    check_ca_file: Path | None
    sidecars: bool
    log_level: str

    @property
    def own_token(self) -> str:
        """For what the agent does of its own accord."""
        return self.acl_agent_token or self.acl_default_token or ""

    @property
    def default_token(self) -> str:
        return self.acl_default_token or ""

    def __repr__(self) -> str:
        return f"Settings({self.node_name})"  # it holds tokens
