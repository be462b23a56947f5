"""Every setting there is, once: parsing, `--help` and the docs all read this table.

A setting is `TULLE_<NAME>` in the environment, `<name>` in Tulle's own file (TOML), and the dotted
`consul` keys in Consul's agent configuration; of several Consul keys the first that is set and not
switched off counts.
"""

import re
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec

from meshcore.configuration import parsers


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    parse: Callable[[object], object]
    help: str
    default: object = None  # text is parsed like a given value
    derive: Callable[[Mapping[str, object]], object] | None = None  # from the settings above it
    default_text: str = ""  # for readers, where the default is derived or None
    consul: tuple[str, ...] = ()
    is_secret: bool = False  # never shown, not even when it cannot be

    @property
    def variable(self) -> str:
        return f"TULLE_{self.name.upper()}"

    @property
    def file_variable(self) -> str:
        """For secrets alone."""
        return f"{self.variable}_FILE"


def own_name(_settled: Mapping[str, object]) -> str:
    """Return the host's name with what the registry would refuse replaced."""
    host = socket.gethostname().split(".", 1)[0]
    return re.sub(r"[^A-Za-z0-9-]", "-", host).strip("-") or "localhost"


def same_as(name: str) -> Callable[[Mapping[str, object]], object]:
    return lambda settled: settled[name]


def in_data_dir(file: str) -> Callable[[Mapping[str, object]], Path]:
    return lambda settled: Path(str(settled["data_dir"])) / file


def own_database(settled: Mapping[str, object]) -> str:
    return f"sqlite:///{quote(str(in_data_dir('tulle.db')(settled)))}"


def inherited_policy(settled: Mapping[str, object]) -> object:
    return settled["acl_default_policy"] if settled["acl_enabled"] else "allow"


SETTINGS = (
    Setting(
        name="datacenter",
        parse=parsers.datacenter,
        default="dc1",
        consul=("datacenter",),
        help="name of this datacenter; part of every service's identity",
    ),
    Setting(
        name="node_name",
        parse=parsers.node_name,
        derive=own_name,
        default_text="the host's name",
        consul=("node_name",),
        help="this node's name in the registry",
    ),
    Setting(
        name="node_id",
        parse=parsers.uuid,
        default_text="made once, kept in the data dir",
        consul=("node_id",),
        help="this node's UUID in the registry",
    ),
    Setting(
        name="bind_addr",
        parse=parsers.address,
        default="127.0.0.1",
        consul=("bind_addr",),
        help="address under which this node is registered",
    ),
    Setting(
        name="client_addr",
        parse=parsers.address,
        default="127.0.0.1",
        consul=("client_addr",),
        help="address on which HTTP, xDS and DNS listen",
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
        name="grpc_listen_addr",
        parse=parsers.address,
        derive=same_as("client_addr"),
        default_text="client_addr",
        consul=("addresses.grpc", "addresses.grpc_tls"),
        help="address on which xDS listens",
    ),
    Setting(
        name="dns_listen_addr",
        parse=parsers.address,
        derive=same_as("client_addr"),
        default_text="client_addr",
        consul=("addresses.dns",),
        help="address on which DNS listens",
    ),
    Setting(
        name="http_port",
        parse=parsers.port,
        default="8500",
        consul=("ports.http",),
        help="port of the HTTP API and the dashboard",
    ),
    Setting(
        name="external_url",
        parse=parsers.origin,
        default_text="none",
        help="where browsers find the dashboard when it is not by localhost or an address;"
        " https:// behind a proxy that ends TLS and sets X-Forwarded-Proto",
    ),
    Setting(
        name="grpc_port",
        parse=parsers.port,
        default="8502",
        consul=("ports.grpc", "ports.grpc_tls"),
        help="port of xDS, always with TLS",
    ),
    Setting(
        name="dns_port",
        parse=parsers.port_or_off,
        default="8600",
        consul=("ports.dns",),
        help="port kept for DNS; -1 for none",
    ),
    Setting(
        name="data_dir",
        parse=parsers.path,
        default=".tulle",
        consul=("data_dir",),
        help="where this process keeps its files",
    ),
    Setting(
        name="database_url",
        parse=parsers.database_url,
        derive=own_database,
        default_text="SQLite, tulle.db in the data dir",
        help="sqlite:////path or postgresql://…",
    ),
    Setting(
        name="redis_url",
        parse=parsers.redis_url,
        default_text="none",
        help="Redis, by which servers wake each other and hand health checks to `tulle worker`",
    ),
    Setting(
        name="trust_domain",
        parse=parsers.domain,
        default_text="a new UUID and .consul, made with the first root",
        help="trust domain of the mesh's identities; cannot change once there is a root",
    ),
    Setting(
        name="acl_enabled",
        parse=parsers.boolean,
        default="true",
        consul=("acl.enabled",),
        help="whether requests need a token",
    ),
    Setting(
        name="acl_default_policy",
        parse=parsers.policy,
        default="deny",
        consul=("acl.default_policy",),
        help="what a token may do where no rule says so: allow or deny",
    ),
    Setting(
        name="acl_initial_management_token",
        parse=parsers.text,
        default_text="none",
        consul=("acl.tokens.initial_management",),
        help="secret of the first management token",
    ),
    Setting(
        name="default_intention_policy",
        parse=parsers.policy,
        derive=inherited_policy,
        default_text="acl_default_policy; allow with ACLs off",
        consul=("default_intention_policy",),
        help="whether a call is allowed where no intention says so: allow or deny",
    ),
    Setting(
        name="leaf_cert_ttl",
        parse=parsers.lifetime,
        default="72h",
        consul=("connect.ca_config.leaf_cert_ttl",),
        help="lifetime of a service's certificate",
    ),
    Setting(
        name="root_cert_ttl",
        parse=parsers.lifetime,
        default="87600h",
        consul=("connect.ca_config.root_cert_ttl",),
        help="lifetime of a root certificate",
    ),
    Setting(
        name="ca_root_cert",
        parse=parsers.text,
        default_text="read from ca_root_cert_file",
        consul=("connect.ca_config.root_cert",),
        help="certificate authority of your own, PEM: what signs first, then each issuer up to the"
        " root",
    ),
    Setting(
        name="ca_root_cert_file",
        parse=parsers.path,
        default_text="none: Tulle makes a root of its own",
        help="file with what ca_root_cert takes",
    ),
    Setting(
        name="ca_private_key",
        parse=parsers.text,
        default_text="read from ca_private_key_file",
        consul=("connect.ca_config.private_key",),
        help="private key of the first certificate in ca_root_cert, PEM",
    ),
    Setting(
        name="ca_private_key_file",
        parse=parsers.path,
        default_text="none",
        help="file with what ca_private_key takes, mode 0600",
    ),
    Setting(
        name="secret_key",
        parse=parsers.secret_key,
        default_text="read from secret_key_file",
        help="key under which secrets are kept at rest, in the place of secret_key_file",
    ),
    Setting(
        name="secret_key_file",
        parse=parsers.path,
        derive=in_data_dir("secret.key"),
        default_text="secret.key in the data dir, made when missing",
        help="file with the key under which secrets are kept at rest, mode 0600",
    ),
    Setting(
        name="check_allowed_networks",
        parse=parsers.networks,
        default_text="all but link-local and metadata addresses",
        help="the only networks that health checks may reach",
    ),
    Setting(
        name="check_ca_file",
        parse=parsers.path,
        default_text="the system's authorities",
        help="certificate authorities, PEM, that health checks over TLS trust",
    ),
    Setting(
        name="reconnect_timeout",
        parse=parsers.lifetime,
        default="72h",
        consul=("reconnect_timeout",),
        help="how long a node may be unreachable before it is deregistered with all that is on it",
    ),
    Setting(
        name="log_level",
        parse=parsers.log_level,
        default="info",
        consul=("log_level",),
        help="trace, debug, info, warn or error",
    ),
    Setting(
        name="log_json",
        parse=parsers.boolean,
        default="false",
        consul=("log_json",),
        help="whether the log is JSON, a line an entry, with Consul's names",
    ),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
