"""`tulle top`: the busiest services or edges, live in the terminal."""

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live
from rich.text import Text

from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, console, grid, table
from meshcore.client.http import Client, Json, UnreachableError

UNKNOWN = "-"
SERVICE_COLUMNS = ("Service", "Health")
EDGE_COLUMNS = ("Source", "Destination", "Verdict")
MEASURED = ("Rate/s", "Errors", "p95", "Denied/s", "Seen")
EMPTY = "No services yet. Register one with: tulle register FILE"
NO_EDGES = "Nobody calls anybody: no proxy declares an upstream, and none was seen calling."
LINES_AROUND = 3  # the heading, and what is said below


class By(StrEnum):
    RATE = "rate"
    ERRORS = "errors"
    P95 = "p95"
    DENIED = "denied"


FIELDS = {
    By.RATE: "rate",
    By.ERRORS: "error_ratio",
    By.P95: "p95_ms",
    By.DENIED: "denied_rate",
}


def top(
    context: typer.Context,
    *,
    edges: Annotated[bool, typer.Option("--edges", help="Who calls whom.")] = False,
    sort: Annotated[By, typer.Option(help="What has most of this comes first.")] = By.RATE,
    interval: Annotated[
        float, typer.Option(help="Seconds between two looks.", min=0.5, max=60.0)
    ] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Print everything once.")] = False,
    json: AsJson = False,
) -> None:
    """Watch the traffic of services, or of edges: calls a second of the last ten seconds."""
    client = connect(context)
    if json:
        as_json(ordered(client.get("/api/graph"), edges=edges, sort=sort))
        return
    if once or not console.is_terminal:
        found = ordered(client.get("/api/graph"), edges=edges, sort=sort)
        rows = [row(each, now=datetime.now(UTC)) for each in found]
        table(columns(edges=edges), rows, empty=NO_EDGES if edges else EMPTY)
        return
    watch(client, edges=edges, sort=sort, interval_s=interval)


def watch(client: Client, *, edges: bool, sort: By, interval_s: float) -> None:
    """Until Ctrl-C; a server that is away for a while is waited for."""
    shown: Sequence[Json] = ()
    with (
        suppress(KeyboardInterrupt),
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        while True:
            trouble = ""
            try:
                shown = ordered(client.get("/api/graph"), edges=edges, sort=sort)
            except UnreachableError as error:
                trouble = str(error)
            live.update(screen(shown, edges=edges, trouble=trouble, height=console.height))
            live.refresh()
            time.sleep(interval_s)


def ordered(graph: Json, *, edges: bool, sort: By) -> list[Json]:
    """What is not known comes last, and what is equal in the order of names."""
    found = graph["edges" if edges else "vertices"]
    field = FIELDS[sort]
    return sorted(found, key=lambda each: (each[field] is None, -(each[field] or 0.0)))


def screen(shown: Sequence[Json], *, edges: bool, trouble: str, height: int) -> Group:
    now, room = datetime.now(UTC), max(height - LINES_AROUND, 1)
    rows = [row(each, now=now) for each in shown[:room]]
    more = f"and {len(shown) - room} more" if len(shown) > room else ""
    said = trouble or more or (("" if edges else EMPTY) if not shown else "")
    return Group(grid(columns(edges=edges), rows), Text(said, style="red" if trouble else "dim"))


def columns(*, edges: bool) -> tuple[str, ...]:
    return (*(EDGE_COLUMNS if edges else SERVICE_COLUMNS), *MEASURED)


def row(each: Json, *, now: datetime) -> tuple[str, ...]:
    """Of a service or of an edge."""
    named = (
        (each["service"], each["health"])
        if "service" in each
        else (each["source"], each["destination"], each["verdict"])
    )
    return (
        *named,
        measure(each["rate"], "{:.1f}"),
        measure(each["error_ratio"], "{:.1%}"),
        measure(each["p95_ms"], "{:.3g} ms"),
        measure(each["denied_rate"], "{:.1f}"),
        seen(each, now=now),
    )


def measure(number: float | None, form: str) -> str:
    return UNKNOWN if number is None else form.format(number)


def seen(each: Json, *, now: datetime) -> str:
    if each["seen_at"] is None:
        return "never"
    ago_s = max(0, int((now - datetime.fromisoformat(each["seen_at"])).total_seconds()))
    said = "now" if ago_s < 2 else f"{ago_s} s ago" if ago_s < 120 else f"{ago_s // 60} min ago"
    if each["stale"]:
        return f"{said}, stale"
    is_undeclared = "declared" in each and not each["declared"]
    return f"{said}, undeclared" if is_undeclared else said


def add_to(app: typer.Typer) -> None:
    app.command()(top)
