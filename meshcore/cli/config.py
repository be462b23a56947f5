"""`tulle config`: config entries, one at a time, as Consul's command does."""

from typing import Annotated, Any

import typer

from meshcore.cli.connection import connect
from meshcore.cli.files import read_definition
from meshcore.cli.output import AsJson, as_json, done, fail, table
from meshcore.client.http import Client
from meshcore.config_entries.types import KINDS

app = typer.Typer(help="Write and read config entries.", no_args_is_help=True)

Kind = Annotated[str, typer.Option(help="Such as service-defaults or service-intentions.")]
Name = Annotated[str, typer.Option(help="The entry's name; proxy-defaults is always `global`.")]
Cas = Annotated[
    int | None,
    typer.Option(
        "--modify-index", help="Only when the entry still has this ModifyIndex; 0: only if new."
    ),
]


@app.command()
def write(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="An entry in HCL or JSON, - for stdin.")],
    modify_index: Cas = None,
) -> None:
    """Create or replace one entry; `tulle apply` takes many at once and shows a plan."""
    entry = read_definition(file)
    condition = {} if modify_index is None else {"cas": modify_index}
    if connect(context).put("/v1/config", entry, **condition) is False:
        raise fail(f"not written: the entry's ModifyIndex is no longer {modify_index}")
    fields = {key.lower(): value for key, value in entry.items()}
    done(f"Config entry written: {fields.get('kind')}/{fields.get('name')}")


@app.command()
def read(context: typer.Context, kind: Kind, name: Name) -> None:
    """Print one entry as JSON."""
    as_json(connect(context).get(f"/v1/config/{kind}/{name}"))


@app.command(name="list")
def list_all(
    context: typer.Context,
    kind: Annotated[str | None, typer.Option(help="Only this kind.")] = None,
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
        empty="No config entries. Write one with: tulle config write FILE, or tulle apply -f FILE",
    )


@app.command()
def delete(context: typer.Context, kind: Kind, name: Name, modify_index: Cas = None) -> None:
    """Delete one entry; deleting what is not there is no error, as in Consul."""
    condition = {} if modify_index is None else {"cas": modify_index}
    if connect(context).delete(f"/v1/config/{kind}/{name}", **condition) is False:
        raise fail(f"not deleted: the entry's ModifyIndex is no longer {modify_index}")
    done(f"Config entry deleted: {kind}/{name}")


def _entries(client: Client, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    return [entry for kind in kinds for entry in client.get(f"/v1/config/{kind}") or ()]
