"""`tulle server` and `tulle dev`: programs of their own, which load more than a command should."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

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
    become("meshcore.server", environ)


def dev(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Four services behind Envoys as well: HashiCups.")
    ] = False,
) -> None:
    """Run Redis and the server together, until Ctrl-C; with --demo a whole mesh."""
    become("meshcore.cli.dev.run", os.environ, *(["--demo"] if demo else []))


def become(module: str, environ: Mapping[str, str], *words: str) -> None:
    """In place of this process, so that signals and the exit code are its own.

    -P: a redis.py in the working folder is not to be taken for the package.
    """
    os.execve(sys.executable, [sys.executable, "-P", "-m", module, *words], environ)  # noqa: S606


def add_to(app: typer.Typer) -> None:
    app.command()(server)
    app.command()(dev)
