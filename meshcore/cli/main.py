"""`tulle`: the command line. It talks HTTP to a server and never imports Django."""

import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from meshcore.cli import (
    agent,
    ca,
    changes,
    config,
    debug,
    graph,
    intention,
    login,
    registry,
    server,
    snapshot,
    top,
    ui,
)
from meshcore.cli.acl import command as acl
from meshcore.cli.apply import command as apply
from meshcore.cli.connection import Chosen, HttpAddr, TokenFile, server_options_first
from meshcore.cli.errors import told
from meshcore.cli.output import console
from meshcore.cli.proxy import run as proxy

app = typer.Typer(
    help="Tulle, a service mesh that you can see through.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
registry.add_to(app)
apply.add_to(app)
changes.add_to(app)
top.add_to(app)
graph.add_to(app)
app.add_typer(intention.app, name="intention")
app.add_typer(config.app, name="config")
app.add_typer(ca.app, name="ca")
app.add_typer(snapshot.app, name="snapshot")
app.add_typer(acl.app, name="acl")
login.add_to(app)
ui.add_to(app)
proxy.add_to(app)
server.add_to(app)
debug.add_to(app)
agent.add_to(app)


def _print_version(is_asked: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if is_asked:
        console.print(f"Tulle {version('tulle')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    http_addr: HttpAddr = None,
    token_file: TokenFile = None,
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    context.obj = Chosen(http_addr, token_file)


def main(words: Sequence[str] | None = None) -> None:
    with told():
        app(server_options_first(sys.argv[1:] if words is None else words), prog_name="tulle")


if __name__ == "__main__":
    main()
