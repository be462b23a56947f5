"""What the CLI prints: a table for people, or the same as JSON for programs."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from meshcore.client.http import Json

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def as_json(value: Json) -> None:
    """Never coloured nor wrapped: it is for other programs."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """`empty` says why there is nothing, and what to do next."""
    if not rows:
        console.print(empty, style="dim", markup=False)
        return
    grid = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        grid.add_row(*row)
    console.print(grid)


def done(sentence: str) -> None:
    console.print(sentence, markup=False)


def fail(sentence: str, *, exit_code: int = 1) -> typer.Exit:
    errors.print(f"Error: {sentence}", style="red", markup=False)
    return typer.Exit(exit_code)
