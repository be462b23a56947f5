"""`tulle server` and `tulle dev`: the server is a process of its own, which alone knows Django."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from meshcore.cli.dev import run

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config-file",
        help="Tulle's settings (TOML), or Consul's agent configuration (JSON or HCL).",
        exists=True,
        dir_okay=False,
    ),
]


def server(config_file: ConfigFile = None) -> None:
    """Run the control plane: HTTP on 8500, xDS on 8502; docs/settings.md lists what can be set."""
    environ = dict(os.environ)
    if config_file is not None:
        environ["TULLE_CONFIG_FILE"] = str(config_file)
    arguments = [sys.executable, "-m", "meshcore.server"]
    os.execve(sys.executable, arguments, environ)  # noqa: S606 - signals and exit code are its own


def dev(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Four services behind Envoys as well: HashiCups.")
    ] = False,
) -> None:
    """Run Redis and the server together, until Ctrl-C; with --demo a whole mesh."""
    run.run(demo=demo)


def add_to(app: typer.Typer) -> None:
    app.command()(server)
    app.command()(dev)
