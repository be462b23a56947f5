"""Which server a command talks to, and as whom; the options for it may stand anywhere."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from meshcore.acl.types import ANONYMOUS_SECRET
from meshcore.cli.output import warn
from meshcore.client.http import Client, from_environment, token_in

HttpAddr = Annotated[
    str | None,
    typer.Option(
        "--http-addr",
        metavar="ADDRESS",
        help="Where the server is, before or after the command;"
        " else TULLE_HTTP_ADDR or CONSUL_HTTP_ADDR, else 127.0.0.1:8500.",
    ),
]
TokenFile = Annotated[
    str | None,
    typer.Option(
        "--token-file",
        metavar="FILE",
        help="File that holds the ACL token, before or after the command;"
        " else TULLE_HTTP_TOKEN or CONSUL_HTTP_TOKEN.",
    ),
]
ANYWHERE = ("http-addr", "token-file")


class Chosen(msgspec.Struct, frozen=True):
    """What was typed, looked at by the commands that talk to a server."""

    http_addr: str | None = None
    token_file: str | None = None


def connect(context: typer.Context) -> Client:
    chosen = context.find_object(Chosen) or Chosen()
    file = chosen.token_file or ""
    token = token_in(Path(file)) if file else None
    client = from_environment(written=chosen.http_addr, token=token, token_from=file)
    context.call_on_close(partial(tell_what_is_left_out, client))
    return client


def tell_what_is_left_out(client: Client) -> None:
    """After all that a command shows, which may be nothing at all."""
    if client.left_out:
        warn(client.left_out)


def connect_as_nobody(context: typer.Context) -> Client:
    """For who asks for a token: the one at hand may have expired, or its file not be there yet."""
    chosen = context.find_object(Chosen) or Chosen()
    return from_environment(written=chosen.http_addr, token=ANONYMOUS_SECRET)


def server_options_first(words: Sequence[str]) -> list[str]:
    """Move them before the command, also those with one dash, as Consul's users write them."""
    first: list[str] = []
    rest: list[str] = []
    remaining = iter(words)
    for word in remaining:
        if word == "--":
            return [*first, *rest, word, *remaining]
        name, equals, _ = word.partition("=")
        if not name.startswith("-") or name.lstrip("-") not in ANYWHERE:
            rest.append(word)
            continue
        first.append(f"--{word.lstrip('-')}")
        if not equals:
            value = next(remaining, None)
            if value is None:
                return first  # the command left out, the option is what is complained of
            first.append(value)
    return first + rest
