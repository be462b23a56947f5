"""`tulle login` and `logout`: a token for a proof of identity, and its end."""

from pathlib import Path
from typing import Annotated

import typer

from meshcore.cli.acl.tokens import without_secret
from meshcore.cli.connection import connect, connect_as_nobody
from meshcore.cli.files import read_secret
from meshcore.cli.output import AsJson, as_json, done
from meshcore.client.http import Json
from meshcore.lib.errors import InvalidError
from meshcore.sidecars.files import write_private


def login(
    context: typer.Context,
    *,
    method: Annotated[str, typer.Option(metavar="NAME", help="The auth method.")],
    bearer_token_file: Annotated[
        str, typer.Option(metavar="FILE", help="File that holds the proof, - for stdin.")
    ],
    token_sink_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where the token's secret goes, for you alone to read."),
    ] = None,
    print_: Annotated[bool, typer.Option("--print", help="Print the token's secret.")] = False,
    meta: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Noted with the token; may be repeated."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Get a token for a proof of identity, such as a JWT."""
    if not token_sink_file and not print_:
        raise InvalidError("where does the token go? Say --token-sink-file FILE or --print")
    sink = _sink(token_sink_file) if token_sink_file else None
    body = {
        "AuthMethod": method,
        "BearerToken": read_secret(bearer_token_file),
        "Meta": dict(_pair(word) for word in meta or ()),
    }
    token = connect_as_nobody(context).post("/v1/acl/login", body)
    if sink:
        write_private(sink, token["SecretID"])
    _tell(token, sink=sink, with_secret=print_, json=json)


def logout(context: typer.Context, *, json: AsJson = False) -> None:
    """Revoke the token of a login; it is the one that this command presents."""
    client = connect(context)
    if not client.token:
        raise InvalidError("which token? Name its file by --token-file, or set TULLE_HTTP_TOKEN")
    client.post("/v1/acl/logout")
    if json:
        as_json({"loggedOut": True})
        return
    done("Logged out: the token is revoked")


def add_to(app: typer.Typer) -> None:
    for command in (login, logout):
        app.command()(command)


def _sink(file: Path) -> Path:
    """Looked at before the login, whose token would be lost otherwise.

    A link is not followed: /dev/stdout would replace whatever file the output goes to.
    """
    if file.is_symlink() or (file.exists() and not file.is_file()):
        raise InvalidError(f"{file} is no regular file; --print is for standard output")
    if not file.parent.is_dir():
        raise InvalidError(f"{file.parent} is no folder")
    return file


def _pair(word: str) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if not key or not equals:
        raise InvalidError(f'"{word}" is no pair: write it as key=value')
    return key, value


def _tell(token: dict[str, Json], *, sink: Path | None, with_secret: bool, json: bool) -> None:
    if json:
        as_json(token if with_secret else without_secret(token))
    elif with_secret:
        done(token["SecretID"])
    else:
        done(f"Logged in: token {token['AccessorID']}, its secret is in {sink}")
