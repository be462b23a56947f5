"""The commands that become programs of their own, which load more than a command should."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from meshcore.lib.errors import InvalidError

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config-file",
        help="Tulle's settings (TOML), or Consul's agent configuration (JSON or HCL).",
        exists=True,
        dir_okay=False,
    ),
]


def server(
    config_file: ConfigFile = None,
    *,
    checks: Annotated[
        bool,
        typer.Option("--check", help="Say whether it could start as it is configured, and end."),
    ] = False,
) -> None:
    """Run the control plane: HTTP on 8500, xDS on 8502; docs/settings.md lists what can be set."""
    become("meshcore.preflight" if checks else "meshcore.server", with_file(config_file))


def worker(
    config_file: ConfigFile = None,
    *,
    beat: Annotated[
        bool, typer.Option("--beat", help="Say as well when tasks are due; one process does.")
    ] = False,
    concurrency: Annotated[int, typer.Option(help="Tasks at once.", min=1)] = 4,
) -> None:
    """Run health checks and whatever else is due; it needs the server's Redis and database."""
    words = ["--concurrency", str(concurrency), *(["--beat"] if beat else [])]
    become("meshcore.worker", with_file(config_file), *words)


def beat(config_file: ConfigFile = None) -> None:
    """Say when tasks are due, for all workers; run it once."""
    become("meshcore.beat", with_file(config_file))


def dev(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Four services behind Envoys as well: HashiCups.")
    ] = False,
    load: Annotated[
        bool, typer.Option("--load", help="With --demo: steady traffic, 20 pages a second.")
    ] = False,
) -> None:
    """Run Redis, the server and a worker together, until Ctrl-C; with --demo a whole mesh."""
    if load and not demo:
        raise InvalidError("--load asks the demo's page: add --demo")
    words = [*(["--demo"] if demo else []), *(["--load"] if load else [])]
    become("meshcore.cli.dev.run", os.environ, *words)


def with_file(config_file: Path | None) -> Mapping[str, str]:
    if config_file is None:
        return os.environ
    return {**os.environ, "TULLE_CONFIG_FILE": str(config_file)}


def become(module: str, environ: Mapping[str, str], *words: str) -> None:
    """In place of this process, so that signals and the exit code are its own.

    -P: a redis.py in the working folder is not to be taken for the package.
    """
    os.execve(sys.executable, [sys.executable, "-P", "-m", module, *words], environ)  # noqa: S606


def add_to(app: typer.Typer) -> None:
    app.command()(server)
    app.command()(worker)
    app.command()(beat)
    app.command()(dev)
