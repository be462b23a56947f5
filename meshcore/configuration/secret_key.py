"""The key under which secrets are kept at rest, and other keys derived from it."""

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from meshcore.configuration import parsers
from meshcore.configuration.parsers import ALLOWED
from meshcore.configuration.types import Configuration
from meshcore.lib.errors import InvalidError

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


def read_or_create(configuration: Configuration) -> bytes:
    """Return 32 bytes; raise InvalidError where the file is open to others or holds no key."""
    if configuration.secret_key:
        return bytes.fromhex(configuration.secret_key)
    file = configuration.secret_key_file
    if not file.exists():
        create(file)
    return read(file)


def derive(key: bytes, *, purpose: str) -> bytes:
    """Return a key that is of no use for any other purpose, nor for finding the first one."""
    return hmac.digest(key, purpose.encode(), hashlib.sha256)


def create(file: Path) -> None:
    """Make the file whole or not at all; of two processes that start at once one wins."""
    create_folder(file.parent)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(secrets.token_hex(32) + "\n")
        opened.flush()
        os.fsync(descriptor)
    with contextlib.suppress(FileExistsError):
        file.hardlink_to(draft)
    draft.unlink()


def create_folder(folder: Path) -> None:
    """Make the data dir for its owner alone; one that is there stays as it is."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def read(file: Path) -> bytes:
    with file.open(encoding="ascii", errors="replace") as opened:
        mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
        if mode & 0o077:
            raise InvalidError(
                f"{file} holds the key to every secret, but its mode {mode:04o} lets others at it;"
                f" if nobody has read it, mend it with: chmod 600 {file}"
            )
        content = opened.read().strip()
    try:
        return bytes.fromhex(parsers.secret_key(content))
    except ValueError:
        takes = ALLOWED[parsers.secret_key]
        raise InvalidError(f"{file} holds no key; it takes {takes}") from None
