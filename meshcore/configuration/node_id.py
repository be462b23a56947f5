"""This node's UUID, made once and kept, so that a restart is the same node."""

import contextlib
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from meshcore.configuration import parsers
from meshcore.configuration.private_files import create_folder
from meshcore.lib.errors import InvalidError


class Identified(Protocol):
    @property
    def node_id(self) -> str | None: ...

    @property
    def data_dir(self) -> Path: ...


def read_or_create(configuration: Identified) -> str:
    if configuration.node_id:
        return configuration.node_id
    create_folder(configuration.data_dir)
    file = configuration.data_dir / "node-id"
    with contextlib.suppress(FileExistsError), file.open("x", encoding="ascii") as opened:
        opened.write(f"{uuid4()}\n")
    try:
        return parsers.uuid(file.read_text(encoding="ascii").strip())
    except ValueError:
        raise InvalidError(f"{file} holds no UUID; remove it and a new one is made") from None
