"""`tulle intention`: who may call whom."""

from collections.abc import Iterator
from json import dumps
from typing import Annotated, Any

import typer

from meshcore.cli.connection import connect
from meshcore.cli.errors import DENIED
from meshcore.cli.output import AsJson, as_json, console, done, fail, table
from meshcore.client.http import Client, Json
from meshcore.lib.errors import NotFoundError

EXACT = "/v1/connect/intentions/exact"

app = typer.Typer(help="Say and ask who may call whom.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(metavar="SOURCE", help="The calling service, or '*'.")]
Destination = Annotated[
    str, typer.Argument(metavar="DESTINATION", help="The called service, or '*'.")
]


@app.command()
def create(
    context: typer.Context,
    source: Source,
    destination: Destination,
    *,
    deny: Annotated[bool, typer.Option("--deny/--allow", help="What to do with calls.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace one that exists.")] = False,
    description: Annotated[
        str, typer.Option(metavar="TEXT", help="Why this intention is there.")
    ] = "",
    json: AsJson = False,
) -> None:
    """Allow or deny the calls from one service to another."""
    client = connect(context)
    former = _existing(client, source, destination)
    if former and not replace:
        raise fail(
            f"an intention from {source} to {destination} exists already;"
            " add --replace to change it"
        )
    action = "deny" if deny else "allow"
    body = {"Action": action, "Description": description}
    client.put(EXACT, body, source=source, destination=destination)
    if json:
        as_json(_existing(client, source, destination))
        return
    done(f"{'Replaced' if former else 'Created'}: {source} => {destination} ({action})")


@app.command()
def delete(
    context: typer.Context, source: Source, destination: Destination, *, json: AsJson = False
) -> None:
    """Remove the intention between two services; what is left then decides."""
    client = connect(context)
    former = _demanded(client, source, destination)
    client.delete(EXACT, source=source, destination=destination)
    if json:
        as_json({"deleted": former})
        return
    done(f"Deleted: {source} => {destination}")


@app.command()
def get(
    context: typer.Context, source: Source, destination: Destination, *, json: AsJson = False
) -> None:
    """Show one intention with its permissions."""
    intention = _demanded(connect(context), source, destination)
    if json:
        as_json(intention)
        return
    for line in _lines(intention):
        done(line)


@app.command(name="list")
def list_all(context: typer.Context, *, json: AsJson = False) -> None:
    """List all intentions in the order of their precedence."""
    _print(
        connect(context).get("/v1/connect/intentions"),
        json=json,
        empty="No intentions: the default policy decides every call."
        " Try: tulle intention create web api",
    )


@app.command()
def match(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SERVICE", help="The name of a service.")],
    *,
    by_source: Annotated[
        bool, typer.Option("--source/--destination", help="Which side the service is on.")
    ] = False,
    json: AsJson = False,
) -> None:
    """List the intentions that concern a service, the deciding ones first."""
    side = "source" if by_source else "destination"
    answer = connect(context).get("/v1/connect/intentions/match", by=side, name=name)
    _print(
        answer.get(name) or [],
        json=json,
        empty=f"No intention concerns {name} as {side}: the default policy decides.",
    )


@app.command()
def check(
    context: typer.Context, source: Source, destination: Destination, *, json: AsJson = False
) -> None:
    """Say whether a connection is allowed; the exit code is 0 for yes and 2 for no."""
    answer = connect(context).get(
        "/v1/connect/intentions/check", source=source, destination=destination
    )
    if json:
        as_json(answer)
    elif answer["Allowed"]:
        console.print("Allowed", style="green")
    else:
        console.print("Denied", style="red")
    if not answer["Allowed"]:
        raise typer.Exit(DENIED)


def _existing(client: Client, source: str, destination: str) -> Json:
    try:
        return client.get(EXACT, source=source, destination=destination)
    except NotFoundError:
        return None


def _demanded(client: Client, source: str, destination: str) -> Json:
    intention = _existing(client, source, destination)
    if not intention:
        raise NotFoundError(f"no intention from {source} to {destination}")
    return intention


def _print(intentions: list[dict[str, Any]], *, json: bool, empty: str) -> None:
    if json:
        as_json(intentions)
        return
    rows = [
        (
            intention["SourceName"],
            intention["DestinationName"],
            _action(intention),
            str(intention["Precedence"]),
            intention.get("Description") or "",
        )
        for intention in intentions
    ]
    table(("Source", "Destination", "Action", "Precedence", "Description"), rows, empty=empty)


def _action(intention: dict[str, Any]) -> str:
    if intention.get("Action"):
        return str(intention["Action"])
    count = len(intention.get("Permissions") or ())
    return "1 permission" if count == 1 else f"{count} permissions"


def _lines(intention: dict[str, Any]) -> Iterator[str]:
    yield f"Source:       {intention['SourceName']}"
    yield f"Destination:  {intention['DestinationName']}"
    yield f"Action:       {_action(intention)}"
    yield f"Precedence:   {intention['Precedence']}"
    if intention.get("Description"):
        yield f"Description:  {intention['Description']}"
    for permission in intention.get("Permissions") or ():
        yield f"  {permission['Action']}: {dumps(permission.get('HTTP') or {})}"
