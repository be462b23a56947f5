"""`tulle acl auth-method`: whose proof of identity a login accepts."""

from json import dumps
from typing import Annotated

import typer

from meshcore.cli.acl import options
from meshcore.cli.acl.finding import read_by_name
from meshcore.cli.acl.texts import text_of
from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, done, fields, table, text
from meshcore.client.http import Client, Json, segment
from meshcore.lib import hcl
from meshcore.lib.errors import InvalidError

HIDDEN = "<hidden>"
SECRET = "ServiceAccountJWT"  # noqa: S105 the name of the field that holds one

app = typer.Typer(help="Say whose proof of identity logs in.", no_args_is_help=True)

Config = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="What the type needs, in JSON or HCL: a file, - for stdin, or itself."
    ),
]
DisplayName = Annotated[
    str | None, typer.Option(metavar="NAME", help="How pages call it, instead of its name.")
]
MaxTokenTtl = Annotated[
    str | None,
    typer.Option(
        "--max-token-ttl", metavar="DURATION", help="How long its tokens are good for, such as 8h."
    ),
]
TokenLocality = Annotated[
    str | None, typer.Option(metavar="LOCALITY", help="Its tokens are local (default) or global.")
]


@app.command()
def create(
    context: typer.Context,
    *,
    name: options.Name,
    type_: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="Such as jwt or kubernetes.")
    ],
    config: Config = None,
    description: options.Description = None,
    display_name: DisplayName = None,
    max_token_ttl: MaxTokenTtl = None,
    token_locality: TokenLocality = None,
    json: AsJson = False,
) -> None:
    """Accept the proofs of an identity provider; a binding rule then says what they give."""
    body = {"Name": name, "Type": type_} | _typed(
        config, description, display_name, max_token_ttl, token_locality
    )
    _print(connect(context).put("/v1/acl/auth-method", body), json=json)


@app.command()
def read(context: typer.Context, *, name: options.Name, json: AsJson = False) -> None:
    """Show one auth method with its configuration, but for the secrets in it."""
    _print(_read(connect(context), name), json=json)


@app.command()
def update(
    context: typer.Context,
    *,
    name: options.Name,
    config: Config = None,
    description: options.Description = None,
    display_name: DisplayName = None,
    max_token_ttl: MaxTokenTtl = None,
    token_locality: TokenLocality = None,
    json: AsJson = False,
) -> None:
    """Replace what is given, and keep the rest; the configuration is replaced as a whole."""
    asked = _typed(config, description, display_name, max_token_ttl, token_locality)
    client = connect(context)
    _print(client.put(_path(name), _read(client, name) | asked), json=json)


@app.command()
def delete(context: typer.Context, *, name: options.Name, json: AsJson = False) -> None:
    """Delete an auth method, with its binding rules and all tokens that it gave."""
    client = connect(context)
    _read(client, name)  # the server is content with what is not there
    client.delete(_path(name))
    if json:
        as_json({"deleted": {"Name": name}})
        return
    done(f"Deleted auth method: {name}")


@app.command(name="list")
def list_all(context: typer.Context, *, json: AsJson = False) -> None:
    """List the auth methods."""
    methods = connect(context).get("/v1/acl/auth-methods")
    if json:
        as_json(methods)
        return
    columns = ("Name", "Type", "DisplayName", "Description")
    rows = [[method.get(column) or "" for column in columns] for method in methods]
    table(columns, rows, empty="No auth methods: nobody can log in, and only tokens get in.")


def _read(client: Client, name: str) -> dict[str, Json]:
    return read_by_name(client, name, path="/v1/acl/auth-method", what="auth method")


def _path(name: str) -> str:
    return f"/v1/acl/auth-method/{segment(name)}"


def _typed(
    config: str | None,
    description: str | None,
    display_name: str | None,
    max_token_ttl: str | None,
    token_locality: str | None,
) -> dict[str, Json]:
    asked = {
        "Config": None if config is None else _configuration(config),
        "Description": description,
        "DisplayName": display_name,
        "MaxTokenTTL": max_token_ttl,
        "TokenLocality": token_locality,
    }
    return {field: value for field, value in asked.items() if value is not None}


def _configuration(typed: str) -> dict[str, object]:
    content, place = text_of(typed, what="--config")
    if not content.strip():
        raise InvalidError(f"{place} is empty")
    return hcl.parse_with_lines(content, file=place)[0]


def _print(method: dict[str, Json], *, json: bool) -> None:
    config = method.get("Config") or {}
    shown = {field: HIDDEN if field == SECRET else value for field, value in config.items()}
    if json:
        as_json(method | {"Config": shown})
        return
    names = ("Name", "Type", "DisplayName", "Description", "MaxTokenTTL", "TokenLocality")
    fields([(name, str(method[name])) for name in names if method.get(name)])
    done("Config:")
    text(dumps(shown, indent=2))
