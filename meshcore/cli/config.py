"""`tulle config`: config entries, one at a time, as Consul's command does."""

from typing import Annotated, Any

import typer

from meshcore.cli.apply import sources
from meshcore.cli.apply.command import refusal
from meshcore.cli.connection import connect
from meshcore.cli.files import shown
from meshcore.cli.output import AsJson, as_json, done, fail, table
from meshcore.client.http import Client, segment
from meshcore.config_entries.types import KINDS
from meshcore.lib.errors import InvalidError
from meshcore.mesh.entries import kind_and_name, to_document

app = typer.Typer(help="Write and read config entries.", no_args_is_help=True)

Kind = Annotated[
    str, typer.Option(metavar="KIND", help="Such as service-defaults or service-intentions.")
]
Name = Annotated[
    str, typer.Option(metavar="NAME", help="The entry's name; that of proxy-defaults is global.")
]
Cas = Annotated[
    bool, typer.Option("--cas", help="Only when the entry is as --modify-index says; new without.")
]
ModifyIndex = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="INDEX",
        help="Only when the entry still has this ModifyIndex; 0 when it must be new.",
    ),
]


@app.command()
def write(
    context: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="An entry in HCL, JSON or YAML, - for stdin.")
    ],
    *,
    cas: Cas = False,
    modify_index: ModifyIndex = None,
    json: AsJson = False,
) -> None:
    """Create or replace one entry; `tulle apply` takes many at once and shows a plan."""
    asked = sources.read([file])
    if asked.mistakes:
        raise refusal(asked)
    if len(asked.entries) != 1:
        raise InvalidError(
            f"{shown(file)} holds {len(asked.entries)} config entries, not one;"
            " tulle apply takes many"
        )
    entry = asked.entries[0]
    kind, name = kind_and_name(entry)
    client = connect(context)
    condition = _condition(modify_index, cas=cas)
    if client.put("/v1/config", to_document(entry), **condition) is False:
        raise fail(f"not written: {_not_as(condition['cas'])}")
    if json:
        as_json(client.get(_path(kind, name)))
        return
    done(f"Config entry written: {kind}/{name}")


@app.command()
def read(context: typer.Context, kind: Kind, name: Name, *, _json: AsJson = False) -> None:
    """Print one entry, as JSON in any case."""
    as_json(connect(context).get(_path(kind, name)))


@app.command(name="list")
def list_all(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only this kind.")] = None,
    *,
    json: AsJson = False,
) -> None:
    """List the entries by kind and name."""
    client = connect(context)
    entries = _entries(client, (kind,) if kind else KINDS)
    if json:
        as_json(entries)
        return
    rows = [(entry["Kind"], entry["Name"], str(entry["ModifyIndex"])) for entry in entries]
    table(
        ("Kind", "Name", "ModifyIndex"),
        rows,
        empty=f"No config entries{f' of the kind {kind}' if kind else ''}."
        " Write one with: tulle config write FILE, or tulle apply -f FILE",
    )


@app.command()
def delete(
    context: typer.Context,
    kind: Kind,
    name: Name,
    *,
    cas: Cas = False,
    modify_index: ModifyIndex = None,
    json: AsJson = False,
) -> None:
    """Delete one entry; deleting what is not there is no error, as in Consul."""
    condition = _condition(modify_index, cas=cas)
    if connect(context).delete(_path(kind, name), **condition) is False:
        raise fail(f"not deleted: {_not_as(condition['cas'])}")
    if json:
        as_json({"deleted": {"Kind": kind, "Name": name}})
        return
    done(f"Config entry deleted: {kind}/{name}")


def _path(kind: str, name: str) -> str:
    return f"/v1/config/{segment(kind)}/{segment(name)}"


def _condition(modify_index: int | None, *, cas: bool) -> dict[str, int]:
    if modify_index is None and not cas:
        return {}
    return {"cas": modify_index or 0}


def _not_as(modify_index: int) -> str:
    if modify_index == 0:
        return "the entry exists already"
    return f"the entry's ModifyIndex is no longer {modify_index}"


def _entries(client: Client, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    return [entry for kind in kinds for entry in client.get(f"/v1/config/{segment(kind)}") or ()]
