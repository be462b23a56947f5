"""`tulle snapshot`: the whole mesh in a file, and back."""

import os
from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, done, table
from meshcore.client.http import Json
from meshcore.lib import archives
from meshcore.lib.errors import InvalidError, NotFoundError

PATH = "/v1/snapshot"
META, STATE = "meta.json", "state.jsonl"  # as in mesh/snapshots.py, which takes long to load
SHOWN = ("index", "at", "datacenter", "trust_domain", "version")

app = typer.Typer(help="Back up the mesh and restore it.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="The snapshot.", dir_okay=False)]


@app.command()
def save(context: typer.Context, file: File) -> None:
    """Write all that is kept of the mesh to a file, for you alone to read.

    Secrets in it are sealed by the servers' secret key: keep that too, and elsewhere.
    """
    content = connect(context).content(PATH)
    told = described(content)
    draft = file.with_name(f".{file.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(descriptor)
    draft.replace(file)
    done(f"Saved: index {told['index']}, {sum(told['values'].values()):,} values, in {file}")


@app.command()
def restore(context: typer.Context, file: File) -> None:
    """Make the mesh what it was then; what came since is gone, until `tulle undo`.

    Proxies and clients follow at once. The servers need the secret key of then.
    """
    content = read(file)
    told = described(content)
    connect(context).send(PATH, content)
    done(f"Restored: index {told['index']} of {told['at']}")


@app.command()
def inspect(file: File, *, json: AsJson = False) -> None:
    """Say what is in a snapshot; no server is asked."""
    told = described(read(file))
    if json:
        as_json(told)
        return
    meta = [(name.replace("_", " "), str(told[name])) for name in SHOWN]
    counts = [(topic, f"{count:,}") for topic, count in sorted(told["values"].items())]
    table(("What", "In this snapshot"), [*meta, *counts], empty="")


def described(content: bytes) -> dict[str, Json]:
    """Raise InvalidError for what is no whole snapshot."""
    files = archives.unpack(content, what="snapshot")
    if not {META, STATE} <= files.keys():
        raise InvalidError("this is no snapshot of Tulle's")
    try:
        meta = msgspec.json.decode(files[META])
        topics = (msgspec.json.decode(line)[0] for line in files[STATE].splitlines() if line)
        return {name: meta[name] for name in SHOWN} | {"values": dict(Counter(topics))}
    except (msgspec.MsgspecError, KeyError, TypeError, IndexError):
        raise InvalidError("this is no snapshot that this Tulle knows") from None


def read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {file}") from None
    except OSError as error:
        raise InvalidError(f"{file} cannot be read: {error.strerror}") from None
