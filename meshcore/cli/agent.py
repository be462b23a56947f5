"""`tulle agent`: a program of its own, whose options it reads itself."""

import os

import typer

from meshcore.cli.connection import Chosen
from meshcore.cli.server import become


def agent(context: typer.Context) -> None:
    """Run beside the services of a host: register and check them; see tulle agent --help."""
    chosen = context.find_object(Chosen) or Chosen()
    token = ["--token-file", chosen.token_file] if chosen.token_file else []
    server = ["--server", chosen.http_addr] if chosen.http_addr else []
    become("meshcore.agent.run", os.environ, *token, *server, *context.args)


def add_to(app: typer.Typer) -> None:
    passed_on = {
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    }
    app.command(context_settings=passed_on)(agent)
