"""`tulle graph`: the mesh as a picture, for Graphviz or as JSON."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from meshcore.cli.connection import connect
from meshcore.cli.output import done
from meshcore.lib.errors import InvalidError


class Format(StrEnum):
    DOT = "dot"
    JSON = "json"
    SVG = "svg"


def graph(
    context: typer.Context,
    *,
    form: Annotated[
        Format, typer.Option("--format", help="dot is for Graphviz: neato -n keeps the places.")
    ] = Format.DOT,
    focus: Annotated[
        str, typer.Option(help="Only what is around this service.", metavar="NAME")
    ] = "",
    hops: Annotated[
        int, typer.Option(help="How many calls around it.", metavar="N", min=0, max=20)
    ] = 1,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it there.", metavar="FILE")
    ] = None,
) -> None:
    """Draw services, and who calls or may call whom with how much traffic."""
    around: dict[str, str | int] = {"focus": focus, "hops": hops} if focus else {}
    drawn = connect(context).text("/api/graph", format=form.value, **around)
    drawn = drawn if drawn.endswith("\n") else f"{drawn}\n"
    if output is None:
        sys.stdout.write(drawn)
        sys.stdout.flush()
        return
    try:
        output.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise InvalidError(f"{output} cannot be written: {error.strerror}") from error
    done(f"Written: {output}")


def add_to(app: typer.Typer) -> None:
    app.command()(graph)
