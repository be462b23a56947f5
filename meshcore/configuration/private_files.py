"""Files that hold a secret: for their owner alone, and never there in part."""

import contextlib
import os
import secrets
import stat
from pathlib import Path

from meshcore.lib.errors import InvalidError

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


def create_folder(folder: Path) -> None:
    """Make the data dir for its owner alone; one that is there stays as it is."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def create(file: Path, line: str) -> None:
    """Make the file whole or not at all; of two processes that start at once one wins."""
    draft = _draft(file, line)
    with contextlib.suppress(FileExistsError):
        file.hardlink_to(draft)
    draft.unlink()


def replace(file: Path, line: str) -> None:
    _draft(file, line).replace(file)


def read(file: Path, *, what: str) -> str:
    """Raise InvalidError where others can get at what the file holds.

    One that belongs to somebody else was handed to us to read, as containers are handed secrets:
    who may read it there is not for us to say.
    """
    with file.open(encoding="ascii", errors="replace") as opened:
        status = os.fstat(opened.fileno())
        mode = stat.S_IMODE(status.st_mode)
        if mode & 0o077 and status.st_uid == os.geteuid():
            raise InvalidError(
                f"{file} holds {what}, but its mode {mode:04o} lets others at it;"
                f" if nobody has read it, mend it with: chmod 600 {file}"
            )
        return opened.read().strip()


def _draft(file: Path, line: str) -> Path:
    create_folder(file.parent)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(f"{line}\n")
        opened.flush()
        os.fsync(descriptor)
    return draft
