"""What the CLI prints: a table for people, or the same as JSON for programs."""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from meshcore.client.http import Json

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
STATUS_STYLES = {
    "passing": "green",
    "warning": "yellow",
    "critical": "red",
    "allow": "green",
    "deny": "red",
}

console = Console(highlight=False, emoji=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def as_json(value: Json) -> None:
    """Never coloured nor wrapped: it is for other programs."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
    sys.stdout.flush()  # a reader that went away is met here, where Typer knows what to do


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """`empty` says why there is nothing, and what to do next, where no program will read it."""
    if not rows:
        errors.print(empty, style="dim", markup=False)
        return
    if console.is_terminal:
        console.print(grid(columns, rows), soft_wrap=False)
        return
    shown = [[_printable(cell) for cell in row] for row in rows]
    for line in _lines([columns, *shown]):
        console.print(line, markup=False)


def done(sentence: str) -> None:
    console.print(sentence, markup=False)


def fields(pairs: Sequence[tuple[str, str]]) -> None:
    """The properties of one thing, a line each; scripts find them by their first word."""
    width = max(len(name) for name, _ in pairs) + 1
    for name, value in pairs:
        done(f"{name + ':':<{width}}  {_printable(value)}".rstrip())


def section(title: str, lines: Sequence[str]) -> None:
    """Nothing at all where there are no lines."""
    if not lines:
        return
    done(f"{title}:")
    for line in lines:
        done(f"   {_printable(line)}")


def text(content: str) -> None:
    """What people wrote in lines, such as rules."""
    for line in content.expandtabs(2).splitlines():
        done(_printable(line))


def warn(sentence: str) -> None:
    errors.print(f"Warning: {sentence}", style="yellow", markup=False)


def fail(sentence: str, *, exit_code: int = 1) -> typer.Exit:
    errors.print(f"Error: {sentence}", style="red", markup=False)
    return typer.Exit(exit_code)


def grid(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Folded, not cut, where the terminal is too narrow: ids are there to be copied."""
    found = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        found.add_column(column, overflow="fold")
    for row in rows:
        cells = map(_printable, row)
        found.add_row(*(Text(cell, style=STATUS_STYLES.get(cell, "")) for cell in cells))
    return found


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """As wide as it needs to be, for grep and awk."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _printable(cell: str) -> str:
    """Whoever may register a service may not thereby write to the terminal of who looks at it."""
    return "".join(letter if letter.isprintable() else REPLACEMENT for letter in cell)
