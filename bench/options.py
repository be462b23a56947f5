"""The options that all benches share, and the loop over the servers that they ask for."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from bench.figures import Figure, Machine, Report, machine, show
from bench.servers import LOAD_CORE, Server, running

Measure = Callable[[Server, argparse.Namespace], Iterable[Figure]]


def main(bench: str, measure: Measure) -> None:
    options = parser(bench).parse_args()
    os.sched_setaffinity(0, {LOAD_CORE})
    # A bench that is ended by a signal still stops its servers and Envoys.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    facts = machine()
    console = Console(width=None if sys.stdout.isatty() else 200)
    binaries = [*([] if options.without_tulle else [None]), *options.consul]
    measured: dict[str, tuple[Figure, ...]] = {}
    for binary in binaries:
        found: list[Figure] = []
        with running(binary) as server:
            for figure in measure(server, options):
                console.log(f"{server.name}: {figure.name}: {figure.median:,.1f} {figure.unit}")
                found.append(figure)
                measured[server.name] = tuple(found)
                write(report(bench, facts, measured), options.json)
    show(report(bench, facts, measured), console)


def parser(bench: str) -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog=f"python -m bench.{bench}")
    options.add_argument(
        "--consul",
        metavar="PATH",
        action="append",
        default=[],
        help="measure this Consul beside it",
    )
    options.add_argument("--without-tulle", action="store_true", help="measure Consul alone")
    options.add_argument("--json", metavar="FILE", type=Path, help="write the figures there")
    sizes = options.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="one short run: does it work at all")
    sizes.add_argument("--long", action="store_true", help="the large sizes too")
    options.add_argument(
        "--only", metavar="WORD", default="", help="only figures with it in the name"
    )
    return options


def report(bench: str, facts: Machine, measured: dict[str, tuple[Figure, ...]]) -> Report:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Report(bench=bench, at=at, machine=facts, servers=dict(measured))


def write(whole: Report, file: Path | None) -> None:
    if file is not None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(whole)))
