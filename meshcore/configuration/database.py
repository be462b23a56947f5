"""Django's DATABASES entry for a database URL."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

# `synchronous=FULL`: an acknowledged write is on the disk, also in WAL mode.
SQLITE_START = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"
LOCK_WAIT_S = 20
# A database that has gone without a word is given up in seconds, not after a quarter of an hour.
CONNECTING = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
# A server that is frozen in the middle of a group holds the counter that all others wait for.
FREEING_LOCKS = "-c idle_in_transaction_session_timeout=5s"


def entry(url: str) -> Mapping[str, object]:
    return sqlite(url) if url.startswith("sqlite:") else postgresql(url)


def sqlite(url: str) -> Mapping[str, object]:
    # Three slashes begin a path from the working folder, four an absolute one.
    file = Path(unquote(urlsplit(url).path[1:])).absolute()
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            # A transaction that only later turns into a writer fails at once with "database is
            # locked" when another has written meanwhile; one that begins as a writer waits.
            "transaction_mode": "IMMEDIATE",
            "init_command": SQLITE_START,
            "timeout": LOCK_WAIT_S,
        },
        # In memory, SQLite knows neither WAL nor a second process: tests would test another thing.
        "TEST": {"NAME": str(file.with_name(f"test-{file.name}"))},
    }


def postgresql(url: str) -> Mapping[str, object]:
    parts = urlsplit(url)
    options = {**CONNECTING, "options": FREEING_LOCKS, **dict(parse_qsl(parts.query))}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": options.pop("port", "") or str(parts.port or ""),
        "OPTIONS": options,
    }
