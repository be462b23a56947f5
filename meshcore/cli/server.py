"""`tulle server`: hands over to the server process, which alone knows Django."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

ConfigFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--config-file",
        help="Tulle's settings (TOML), or Consul's agent configuration (JSON or HCL).",
        exists=True,
        dir_okay=False,
    ),
]


def server(config_file: ConfigFiles = None) -> None:
    """Run the control plane: HTTP on 8500, xDS on 8502; TULLE_<NAME> variables set what it does."""
    options = [word for file in config_file or () for word in ("--config-file", str(file))]
    arguments = [sys.executable, "-m", "meshcore.server", *options]
    os.execv(sys.executable, arguments)  # noqa: S606 - signals and the exit code are the server's


def add_to(app: typer.Typer) -> None:
    app.command()(server)
