"""What a bench found: runs of one figure, their median and worst, and the table that shows them."""

import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

FSYNCS = 200


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run; `answers` counts what was asked and answered, `wrong` those that were not right."""

    value: float
    answers: int
    wrong: int
    server_cpu_s: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    note: str = ""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    unit: str
    runs: tuple[Run, ...]

    @property
    def median(self) -> float:
        return statistics.median(run.value for run in self.runs)

    @property
    def worst(self) -> float:
        worst = min if self.unit.endswith("/s") else max
        return worst(run.value for run in self.runs)

    @property
    def cpu_us(self) -> float:
        return statistics.median(run.server_cpu_s / max(run.answers, 1) for run in self.runs) * 1e6


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    cores: int
    memory_gib: float
    processor: str
    kernel: str
    python: str
    fdatasync_us: float
    load_average: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    bench: str
    at: str
    machine: Machine
    servers: dict[str, tuple[Figure, ...]]


def quantile(sorted_values: list[float], share: float) -> float:
    """Nearest-rank quantile; 0 when nothing was measured."""
    if not sorted_values:
        return 0.0
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def run_of(
    latencies_s: list[float],
    *,
    value: float | None,
    wrong: int,
    server_cpu_s: float,
    note: str = "",
) -> Run:
    """A run from its latencies; its value, if not given, is the slowest answer in ms."""
    ordered = sorted(latencies_s)
    worst_ms = quantile(ordered, 1.0) * 1e3
    return Run(
        value=worst_ms if value is None else value,
        answers=len(ordered),
        wrong=wrong,
        server_cpu_s=server_cpu_s,
        p50_ms=quantile(ordered, 0.5) * 1e3,
        p99_ms=quantile(ordered, 0.99) * 1e3,
        worst_ms=worst_ms,
        note=note,
    )


def machine() -> Machine:
    models = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return Machine(
        cores=os.cpu_count() or 1,
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        processor=models[0].partition(":")[2].strip() if models else platform.machine(),
        kernel=platform.release(),
        python=platform.python_version(),
        fdatasync_us=round(fdatasync_us()),
        load_average=os.getloadavg()[0],
    )


def fdatasync_us() -> float:
    """Median time of appending 4 KiB and syncing it, where the servers keep their data."""
    times = []
    with tempfile.TemporaryFile() as file:
        for _ in range(FSYNCS):
            started = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6


def show(report: Report, console: Console) -> None:
    facts = report.machine
    console.print(
        f"[bold]{report.bench}[/] on {facts.cores} cores of {facts.processor}, "
        f"{facts.memory_gib} GiB, Linux {facts.kernel}, Python {facts.python}; "
        f"fdatasync {facts.fdatasync_us:.0f} us; load average {facts.load_average:.2f} before"
    )
    table = Table("figure", "server", "unit", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("median", "worst run", "p50 ms", "p99 ms", "max ms", "CPU us/answer", "wrong"):
        table.add_column(heading, justify="right")
    table.add_column("note")
    for name in dict.fromkeys(f.name for figures in report.servers.values() for f in figures):
        for server, figures in report.servers.items():
            for figure in figures:
                if figure.name == name:
                    table.add_row(name, server, *row(figure))
    console.print(table)


def row(figure: Figure) -> list[str]:
    runs = figure.runs
    wrong = sum(run.wrong for run in runs)
    return [
        figure.unit,
        f"{figure.median:,.1f}" if figure.median < 100 else f"{figure.median:,.0f}",
        f"{figure.worst:,.1f}" if figure.worst < 100 else f"{figure.worst:,.0f}",
        f"{statistics.median(run.p50_ms for run in runs):.1f}",
        f"{statistics.median(run.p99_ms for run in runs):.1f}",
        f"{max(run.worst_ms for run in runs):.1f}",
        f"{figure.cpu_us:,.0f}",
        f"[bold red]{wrong}[/]" if wrong else "0",
        runs[-1].note,
    ]
