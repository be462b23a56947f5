"""`tulle acl policy`: sets of rules, under a name."""

from typing import Annotated

import typer

from meshcore.cli.acl import options
from meshcore.cli.acl.finding import read_named
from meshcore.cli.acl.texts import text_of
from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, done, fields, table, text
from meshcore.client.http import Client, Json, segment
from meshcore.lib.errors import InvalidError

POLICIES = "/v1/acl/policies"
HERE = "rules"  # how the server names the text that it refuses

app = typer.Typer(help="Write down what may be done.", no_args_is_help=True)

Rules = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Rules in HCL or JSON: a file, - for stdin, or themselves."),
]
Datacenters = Annotated[
    list[str] | None,
    typer.Option(
        "--valid-datacenter", metavar="DATACENTER", help="Only in this one; may be repeated."
    ),
]


@app.command()
def create(
    context: typer.Context,
    *,
    name: options.Name,
    description: options.Description = None,
    rules: Rules = None,
    valid_datacenter: Datacenters = None,
    json: AsJson = False,
) -> None:
    """Make a policy of rules."""
    body: dict[str, Json] = {"Name": name, "Description": description or ""}
    if valid_datacenter:
        body["Datacenters"] = valid_datacenter
    _print(_written(connect(context), "/v1/acl/policy", body, rules), json=json)


@app.command()
def read(
    context: typer.Context,
    *,
    policy_id: options.Id = None,
    name: options.OptionalName = None,
    json: AsJson = False,
) -> None:
    """Show one policy with its rules."""
    _print(_read(connect(context), policy_id, name), json=json)


@app.command()
def update(
    context: typer.Context,
    *,
    policy_id: options.Id = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Its name; its new one beside --id.")
    ] = None,
    description: options.Description = None,
    rules: Rules = None,
    valid_datacenter: Datacenters = None,
    json: AsJson = False,
) -> None:
    """Replace what is given, and keep the rest; '' takes all datacenters away."""
    client = connect(context)
    policy = _read(client, policy_id, name)
    if name is not None:
        policy["Name"] = name
    if description is not None:
        policy["Description"] = description
    if valid_datacenter is not None:
        policy["Datacenters"] = [datacenter for datacenter in valid_datacenter if datacenter]
    path = f"/v1/acl/policy/{segment(policy['ID'])}"
    _print(_written(client, path, policy, rules), json=json)


@app.command()
def delete(
    context: typer.Context,
    *,
    policy_id: options.Id = None,
    name: options.OptionalName = None,
    json: AsJson = False,
) -> None:
    """Delete a policy: it grants nothing more to whoever is linked to it."""
    client = connect(context)
    policy = _read(client, policy_id, name)
    client.delete(f"/v1/acl/policy/{segment(policy['ID'])}")
    if json:
        as_json({"deleted": policy})
        return
    done(f"Deleted policy: {policy['Name']}")


@app.command(name="list")
def list_all(context: typer.Context, *, json: AsJson = False) -> None:
    """List the policies."""
    policies = connect(context).get(POLICIES)
    if json:
        as_json(policies)
        return
    rows = [
        (
            policy["ID"],
            policy["Name"],
            ", ".join(policy.get("Datacenters") or ()),
            policy.get("Description") or "",
        )
        for policy in policies
    ]
    empty = "No policies to be seen."
    table(("ID", "Name", "Datacenters", "Description"), rows, empty=empty)


def _read(client: Client, typed_id: str | None, name: str | None) -> dict[str, Json]:
    return read_named(client, typed_id=typed_id, name=name, kind="policy", listed_at=POLICIES)


def _written(
    client: Client, path: str, body: dict[str, Json], rules: str | None
) -> dict[str, Json]:
    """Name the file of the rules where the server points into them."""
    if rules is None:
        return dict(client.put(path, body))
    content, place = text_of(rules, what=HERE)
    try:
        return dict(client.put(path, body | {"Rules": content}))
    except InvalidError as error:
        raise InvalidError(str(error).replace(f"{HERE}:", f"{place}:", 1)) from None


def _print(policy: dict[str, Json], *, json: bool) -> None:
    if json:
        as_json(policy)
        return
    fields(
        [
            ("ID", policy["ID"]),
            ("Name", policy["Name"]),
            ("Description", policy.get("Description") or ""),
            ("Datacenters", ", ".join(policy.get("Datacenters") or ())),
        ]
    )
    done("Rules:")
    text((policy.get("Rules") or "").strip("\n"))
