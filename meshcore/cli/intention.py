"""`tulle intention`: who may call whom."""

from typing import Annotated, Any

import typer

from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, console, done, fail, table
from meshcore.client.http import Client, Json
from meshcore.lib.errors import NotFoundError

DENIED = 2  # exit code of `check`, as Consul's

app = typer.Typer(help="Say and ask who may call whom.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help="The calling service, or *.")]
Destination = Annotated[str, typer.Argument(help="The called service, or *.")]


@app.command()
def create(
    context: typer.Context,
    source: Source,
    destination: Destination,
    *,
    deny: Annotated[bool, typer.Option("--deny/--allow", help="What to do with calls.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace one that exists.")] = False,
    description: Annotated[str, typer.Option(help="Why this intention is there.")] = "",
    json: AsJson = False,
) -> None:
    """Allow or deny the calls from one service to another."""
    client = connect(context)
    if not replace and _existing(client, source, destination):
        raise fail(
            f"an intention from {source} to {destination} exists already;"
            " add --replace to change it"
        )
    action = "deny" if deny else "allow"
    body = {"Action": action, "Description": description}
    client.put("/v1/connect/intentions/exact", body, source=source, destination=destination)
    if json:
        as_json(_existing(client, source, destination))
        return
    done(f"Created: {source} => {destination} ({action})")


@app.command()
def delete(context: typer.Context, source: Source, destination: Destination) -> None:
    """Remove the intention between two services; what is left then decides."""
    client = connect(context)
    if not _existing(client, source, destination):
        raise NotFoundError(f"no intention from {source} to {destination}")
    client.delete("/v1/connect/intentions/exact", source=source, destination=destination)
    done(f"Deleted: {source} => {destination}")


@app.command(name="list")
def list_all(context: typer.Context, *, json: AsJson = False) -> None:
    """List all intentions in the order of their precedence."""
    _print(connect(context).get("/v1/connect/intentions"), json=json)


@app.command()
def match(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A service.")],
    *,
    by_source: Annotated[
        bool, typer.Option("--source/--destination", help="Which side the service is on.")
    ] = False,
    json: AsJson = False,
) -> None:
    """List the intentions that concern a service, the deciding ones first."""
    side = "source" if by_source else "destination"
    answer = connect(context).get("/v1/connect/intentions/match", by=side, name=name)
    _print(answer.get(name) or [], json=json)


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
        return client.get("/v1/connect/intentions/exact", source=source, destination=destination)
    except NotFoundError:
        return None


def _print(intentions: list[dict[str, Any]], *, json: bool) -> None:
    if json:
        as_json(intentions)
        return
    rows = [
        (
            intention["SourceName"],
            intention["DestinationName"],
            intention.get("Action") or f"{len(intention['Permissions'])} permissions",
            str(intention["Precedence"]),
            intention.get("Description") or "",
        )
        for intention in intentions
    ]
    table(
        ("Source", "Destination", "Action", "Precedence", "Description"),
        rows,
        empty="No intentions: the default policy decides every call."
        " Try: tulle intention create web api",
    )
