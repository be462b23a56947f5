"""Which server a command talks to, and as whom."""

from typing import Annotated

import typer

from meshcore.client.http import Client, from_environment

HttpAddr = Annotated[
    str | None,
    typer.Option(
        "--http-addr",
        help="Address of the server; TULLE_HTTP_ADDR or CONSUL_HTTP_ADDR otherwise.",
        show_default="127.0.0.1:8500",
    ),
]
TokenFile = Annotated[
    str | None,
    typer.Option("--token-file", help="File that holds the ACL token; TULLE_HTTP_TOKEN otherwise."),
]


def connect(context: typer.Context) -> Client:
    """The client that the options before the command ask for."""
    client = context.ensure_object(dict).get("client")
    return client if isinstance(client, Client) else from_environment()
