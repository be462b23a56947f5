"""`tulle debug`: a file with what a server is at, to be sent to whoever helps."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from meshcore.cli.connection import connect
from meshcore.cli.output import console
from meshcore.client.http import Client, Json
from meshcore.lib import archives
from meshcore.lib.errors import InvalidError

PATH = "/v1/internal/debug"
METRICS = "/v1/agent/metrics"
AS_TEXT = ("log", "tasks", "threads")


def debug(
    context: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Where to write it (.tar.gz)."),
    ] = None,
) -> None:
    """Collect metrics, settings, stacks, streams and the log's end, without any secret."""
    client = connect(context)
    file = output or Path(f"tulle-debug-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz")
    write(file, dict(parts(client)))
    console.print(f"wrote {file}: read it before you send it on", markup=False)


def parts(client: Client) -> list[tuple[str, str]]:
    told = client.get(PATH)
    texts = [
        (f"{name}.txt", "\n".join(part)) if name in AS_TEXT else (f"{name}.json", readable(part))
        for name, part in told.items()
    ]
    return [*texts, ("metrics.txt", client.text(METRICS, format="prometheus"))]


def readable(part: Json) -> str:
    return json.dumps(part, indent=2, ensure_ascii=False) + "\n"


def write(file: Path, contents: dict[str, str]) -> None:
    """For its owner alone: names of services and addresses are in it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        descriptor = os.open(file, flags, 0o600)
    except OSError as error:
        raise InvalidError(f"cannot write {file}: {error.strerror}") from None
    files = {name: text.encode() for name, text in contents.items()}
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(archives.pack(files, at_s=time.time()))


def add_to(app: typer.Typer) -> None:
    app.command()(debug)
