"""`tulle ui`: the dashboard in the browser, logged in as whoever runs the command."""

import webbrowser
from typing import Annotated

import typer

from meshcore.cli.connection import connect
from meshcore.cli.output import done


def ui(
    context: typer.Context,
    *,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Print the link, and open nothing.")
    ] = False,
) -> None:
    """Open the dashboard, logged in: no token has to be pasted."""
    client = connect(context)
    url = client.post("/ui/link")["url"]
    if not no_open and webbrowser.open(url):
        done(f"Opened the dashboard of {client.place.text}")
        return
    done(url)


def add_to(app: typer.Typer) -> None:
    app.command()(ui)
