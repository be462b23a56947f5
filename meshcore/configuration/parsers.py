"""From what stands in a variable (text) or a file (text, number, boolean) to a setting's value.

A parser raises ValueError for what it does not allow; `ALLOWED` has the sentence for the reader.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from meshcore.lib import durations
from meshcore.lib.errors import InvalidError

DATACENTER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
NODE_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
SECRET_KEY = re.compile(r"[0-9a-fA-F]{64}")
BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
LOG_LEVELS = {
    "trace": "trace",
    "debug": "debug",
    "info": "info",
    "warn": "warn",
    "warning": "warn",
    "err": "error",
    "error": "error",
}
SERF_PORT = ":8301"  # nothing of ours listens there
LONGEST = timedelta(days=100 * 365)


def text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def matching(pattern: re.Pattern[str], value: object) -> str:
    found = text(value)
    if not pattern.fullmatch(found):
        raise ValueError
    return found


def datacenter(value: object) -> str:
    return matching(DATACENTER, value)


def node_name(value: object) -> str:
    return matching(NODE_NAME, value)


def domain(value: object) -> str:
    return matching(DOMAIN, value)


def secret_key(value: object) -> str:
    return matching(SECRET_KEY, value).lower()


def uuid(value: object) -> str:
    return str(UUID(text(value)))


def boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    try:
        return BOOLEANS[text(value).lower()]
    except KeyError:
        raise ValueError from None


def port(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError
    number = int(value)
    if not 0 <= number <= 65535:
        raise ValueError
    return number


def port_or_off(value: object) -> int | None:
    return None if value in (-1, "-1") else port(value)


def address(value: object) -> str:
    return str(ipaddress.ip_address(text(value)))


def policy(value: object) -> str:
    if value not in ("allow", "deny"):
        raise ValueError
    return str(value)


def log_level(value: object) -> str:
    try:
        return LOG_LEVELS[text(value).lower()]
    except KeyError:
        raise ValueError from None


def lifetime(value: object) -> timedelta:
    try:
        duration = durations.parse(text(value))
    except (InvalidError, OverflowError):
        raise ValueError from None
    if not timedelta(seconds=1) <= duration <= LONGEST:
        raise ValueError
    return duration


def path(value: object) -> Path:
    return Path(text(value)).expanduser().absolute()


def database_url(value: object) -> str:
    written = text(value)
    url = urlsplit(written)
    is_sqlite = url.scheme == "sqlite" and not url.netloc and len(url.path) > 1
    is_postgresql = url.scheme in ("postgresql", "postgres") and len(url.path) > 1
    if not (is_sqlite or is_postgresql):
        raise ValueError
    if url.port == 0:  # reading it also raises ValueError for what is no port at all
        raise ValueError
    return written


def origin(value: object) -> str:
    """As browsers name the place a page is from: no path, and no port that goes without saying."""
    url = urlsplit(text(value))
    defaults = {"https": 443, "http": 80}
    host = (url.hostname or "").lower()
    bare = f"[{host}]" if ":" in host else host
    if url.scheme not in defaults or not host or url.path not in ("", "/"):
        raise ValueError
    if url.query or url.fragment or url.username is not None:
        raise ValueError
    is_usual = url.port in (None, defaults[url.scheme])
    return f"{url.scheme}://{bare}" if is_usual else f"{url.scheme}://{bare}:{url.port}"


def redis_url(value: object) -> str:
    written = text(value)
    url = urlsplit(written)
    if url.scheme not in ("redis", "rediss", "unix") or not (url.netloc or url.path):
        raise ValueError
    return written


def networks(value: object) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list) or not given:
        raise ValueError
    return tuple(str(ipaddress.ip_network(text(one).strip())) for one in given)


def servers(value: object) -> tuple[str, ...]:
    """HTTP addresses; of Consul's retry_join without the port of its own protocol."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list) or not given:
        raise ValueError
    found = tuple(text(one).strip().removesuffix(SERF_PORT) for one in given)
    if any(not one or set(one) & set(" =") for one in found):  # provider=aws ...
        raise ValueError
    return found


ALLOWED: Mapping[Callable[[object], object], str] = {
    address: "an IP address, such as 127.0.0.1 or ::",
    boolean: "true or false",
    database_url: "sqlite:////absolute/path or postgresql://user:password@host:5432/name",
    datacenter: "1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit",
    domain: "a DNS name in lower case",
    lifetime: "a duration of at least 1s, written as 72h or 1h30m",
    log_level: "trace, debug, info, warn or error",
    networks: "networks such as 10.0.0.0/8,fd00::/8, with no bits beside the prefix",
    node_name: "1 to 128 of A-Z, a-z, 0-9, -, _ and ., beginning and ending with a letter or digit",
    origin: "https://name or http://name, with a port if need be and without a path",
    path: "a path",
    policy: "allow or deny",
    port: "a port from 0 to 65535 (0: any free one)",
    port_or_off: "a port from 0 to 65535, or -1 for none",
    redis_url: "redis://host:6379/0, rediss://… or unix:///path",
    servers: "host:port or https://host:port, or a list of them; no search through a cloud's API",
    secret_key: "64 hexadecimal digits, as `openssl rand -hex 32` writes them",
    text: "a text that is not empty",
    uuid: "a UUID",
}
