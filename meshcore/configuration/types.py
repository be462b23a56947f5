from datetime import timedelta
from pathlib import Path

import msgspec

SECRET_FIELDS = frozenset(
    {
        "acl_initial_management_token",
        "ca_private_key",
        "database_url",
        "redis_url",
        "secret_key",
    }
)


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of one process, resolved: no field needs another one to be understood.

    Its repr hides what may hold a secret, so that it can be logged.
    """

    datacenter: str
    node_name: str
    node_id: str | None
    bind_addr: str
    client_addr: str
    http_listen_addr: str
    grpc_listen_addr: str
    dns_listen_addr: str
    http_port: int
    external_url: str | None
    grpc_port: int
    dns_port: int | None
    data_dir: Path
    database_url: str
    redis_url: str | None
    trust_domain: str | None
    default_intention_policy: str
    acl_enabled: bool
    acl_default_policy: str
    acl_initial_management_token: str | None
    leaf_cert_ttl: timedelta
    root_cert_ttl: timedelta
    ca_root_cert: str | None
    ca_root_cert_file: Path | None
    ca_private_key: str | None
    ca_private_key_file: Path | None
    secret_key: str | None
    secret_key_file: Path
    check_allowed_networks: tuple[str, ...] | None
    check_ca_file: Path | None
    reconnect_timeout: timedelta
    log_level: str
    log_json: bool

    def __rich_repr__(self) -> list[tuple[str, object]]:
        fields = [(name, getattr(self, name)) for name in self.__struct_fields__]
        return [
            (name, "***" if name in SECRET_FIELDS and value is not None else value)
            for name, value in fields
        ]

    def __repr__(self) -> str:
        return f"Configuration({', '.join(f'{k}={v!r}' for k, v in self.__rich_repr__())})"
