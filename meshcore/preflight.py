"""`tulle server --check`: whether a server could start as it is configured, a line for each thing.

It makes nothing: no file, no table. What it says holds no secret.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import msgspec
import redis

from meshcore.lib.errors import InvalidError, MeshError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshcore.settings")
try:
    django.setup()
except InvalidError as problem:
    raise SystemExit(f"Error: {problem}") from None

# What follows imports models, which Django allows only after its setup.
from django.db import DatabaseError, connection

from dashboard import assets
from meshcore.cli.dev.ports import Wanted, obstacle
from meshcore.configuration import secret_key
from meshcore.configuration.open_doors import open_doors
from meshcore.configuration.types import Configuration
from meshcore.settings import LOADED
from meshcore.store import log, schema
from meshcore.store.failures import sentence

ANSWER_S = 5.0


class Finding(msgspec.Struct, frozen=True):
    what: str
    told: str
    is_well: bool = True
    is_warning: bool = False

    def __str__(self) -> str:
        mark = "FAILED" if not self.is_well else "warning" if self.is_warning else "ok"
        return f"{mark:8}{self.what}: {self.told}"


def main() -> None:
    findings = list(check(LOADED.configuration))
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    failed = sum(not finding.is_well for finding in findings)
    sys.exit(1 if failed else 0)


def check(configuration: Configuration) -> Iterator[Finding]:
    for warning in (*LOADED.warnings, *open_doors(configuration)):
        yield Finding("settings", warning, is_warning=True)
    looks: tuple[tuple[str, Callable[[Configuration], Iterator[Finding]]], ...] = (
        ("data dir", data_dir),
        ("secret key", key),
        ("ports", ports),
        ("database", database),
        ("Redis", redis_server),
        ("pages", pages),
    )
    for what, look in looks:
        try:
            yield from look(configuration)
        except (MeshError, OSError) as error:
            yield Finding(what, str(error), is_well=False)


def data_dir(configuration: Configuration) -> Iterator[Finding]:
    folder = configuration.data_dir.absolute()
    if not folder.exists():
        nearest = next(parent for parent in folder.parents if parent.exists())
        is_well = os.access(nearest, os.W_OK | os.X_OK)
        told = "will be made" if is_well else f"cannot be made: {nearest} is not for us to write"
        yield Finding("data dir", f"{folder} {told}", is_well=is_well)
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding("data dir", f"{folder} is not for us to write", is_well=False)
        return
    is_open = bool(stat.S_IMODE(folder.stat().st_mode) & 0o077)
    told = f"{folder} lets others in; chmod 700 keeps them out" if is_open else str(folder)
    yield Finding("data dir", told, is_warning=is_open)


def key(configuration: Configuration) -> Iterator[Finding]:
    if secret_key.read(configuration) is not None:
        given = "given" if configuration.secret_key else f"in {configuration.secret_key_file}"
        yield Finding("secret key", given)
        return
    is_shared = not configuration.database_url.startswith("sqlite")
    told = f"{configuration.secret_key_file} will be made"
    if is_shared:
        told += "; of several servers all need the same one"
    yield Finding("secret key", told, is_warning=is_shared)


def ports(configuration: Configuration) -> Iterator[Finding]:
    wanted = (
        ("HTTP", configuration.http_listen_addr, configuration.http_port, "TULLE_HTTP_PORT"),
        ("xDS", configuration.grpc_listen_addr, configuration.grpc_port, "TULLE_GRPC_PORT"),
    )
    for purpose, host, port, setting in wanted:
        way_out = f"set {setting} to another one"
        told = obstacle(Wanted(host=host, port=port, purpose=purpose, way_out=way_out))
        yield Finding("port", told or f"{host}:{port} for {purpose} is free", is_well=not told)


def database(configuration: Configuration) -> Iterator[Finding]:
    """On SQLite a file that is not there is made by the server, not by a look."""
    kind = "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"
    file = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor == "sqlite" and not file.exists():
        yield Finding("database", f"{kind}: {file} will be made")
        return
    try:
        connection.ensure_connection()
        yield Finding("database", f"{kind} {'.'.join(map(str, connection.get_database_version()))}")
        yield migrations()
    except DatabaseError as error:
        yield Finding("database", f"{kind}: {sentence(error)}", is_well=False)
    finally:
        connection.close()


def migrations() -> Finding:
    missing, unknown = schema.missing(), schema.unknown()
    if unknown:
        told = f"made by a newer Tulle, which added {', '.join(unknown)}"
        return Finding("migrations", told, is_warning=True)
    if missing:
        return Finding("migrations", f"the start will apply {', '.join(missing)}")
    return Finding("migrations", f"all applied; the log is at {log.last_index(connection)}")


def redis_server(configuration: Configuration) -> Iterator[Finding]:
    if configuration.redis_url is None:
        is_alone = configuration.database_url.startswith("sqlite")
        told = "none: changes of other servers come within a second, and there are no workers"
        yield Finding("Redis", "none" if is_alone else told, is_warning=not is_alone)
        return
    options = {"socket_timeout": ANSWER_S, "socket_connect_timeout": ANSWER_S}
    try:
        with redis.Redis.from_url(configuration.redis_url, **options) as client:
            yield Finding("Redis", f"version {client.info('server')['redis_version']}")
    except redis.RedisError as error:
        yield Finding("Redis", f"it does not answer: {type(error).__name__}", is_well=False)


def pages(_configuration: Configuration) -> Iterator[Finding]:
    is_there = assets.STAMP.exists()
    told = "scripts and styles are there" if is_there else f"{assets.FOLDER} is empty: make assets"
    yield Finding("pages", told, is_warning=not is_there)


if __name__ == "__main__":
    main()
