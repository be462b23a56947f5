"""`tulle acl role`: links that several tokens share."""

from typing import Annotated

import typer

from meshcore.cli.acl import options
from meshcore.cli.acl.finding import read_named
from meshcore.cli.acl.links import grants, identities, policy_links, sections
from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, done, fields, section, table
from meshcore.client.http import Client, Json, segment

ROLES = "/v1/acl/roles"

app = typer.Typer(help="Put together what several tokens may.", no_args_is_help=True)


@app.command()
def create(
    context: typer.Context,
    *,
    name: options.Name,
    description: options.Description = None,
    policy_name: options.PolicyNames = None,
    policy_id: options.PolicyIds = None,
    service_identity: options.ServiceIdentities = None,
    node_identity: options.NodeIdentities = None,
    templated_policy: options.TemplatedPolicy = None,
    var: options.Variables = None,
    json: AsJson = False,
) -> None:
    """Make a role; without links it grants nothing."""
    body = {
        "Name": name,
        "Description": description or "",
        **policy_links(policy_name, policy_id),
        **identities(service_identity, node_identity, template=templated_policy, variables=var),
    }
    _print(connect(context).put("/v1/acl/role", body), json=json)


@app.command()
def read(
    context: typer.Context,
    *,
    role_id: options.Id = None,
    name: options.OptionalName = None,
    json: AsJson = False,
) -> None:
    """Show one role with its links."""
    _print(_read(connect(context), role_id, name), json=json)


@app.command()
def update(
    context: typer.Context,
    *,
    role_id: options.Id = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Its name; its new one beside --id.")
    ] = None,
    description: options.Description = None,
    policy_name: options.PolicyNames = None,
    policy_id: options.PolicyIds = None,
    service_identity: options.ServiceIdentities = None,
    node_identity: options.NodeIdentities = None,
    templated_policy: options.TemplatedPolicy = None,
    var: options.Variables = None,
    json: AsJson = False,
) -> None:
    """Replace what is given, and keep the rest; '' takes all of a kind away."""
    asked = {
        **({} if name is None else {"Name": name}),
        **({} if description is None else {"Description": description}),
        **policy_links(policy_name, policy_id),
        **identities(service_identity, node_identity, template=templated_policy, variables=var),
    }
    client = connect(context)
    role = _read(client, role_id, name)
    _print(client.put(f"/v1/acl/role/{segment(role['ID'])}", role | asked), json=json)


@app.command()
def delete(
    context: typer.Context,
    *,
    role_id: options.Id = None,
    name: options.OptionalName = None,
    json: AsJson = False,
) -> None:
    """Delete a role: it grants nothing more to the tokens that are linked to it."""
    client = connect(context)
    role = _read(client, role_id, name)
    client.delete(f"/v1/acl/role/{segment(role['ID'])}")
    if json:
        as_json({"deleted": role})
        return
    done(f"Deleted role: {role['Name']}")


@app.command(name="list")
def list_all(context: typer.Context, *, json: AsJson = False) -> None:
    """List the roles with what they grant."""
    roles = connect(context).get(ROLES)
    if json:
        as_json(roles)
        return
    rows = [(role["ID"], role["Name"], grants(role), role["Description"]) for role in roles]
    empty = "No roles. Make one with: tulle acl role create --name NAME --policy-name POLICY"
    table(("ID", "Name", "Grants", "Description"), rows, empty=empty)


def _read(client: Client, typed_id: str | None, name: str | None) -> dict[str, Json]:
    return read_named(client, typed_id=typed_id, name=name, kind="role", listed_at=ROLES)


def _print(role: dict[str, Json], *, json: bool) -> None:
    if json:
        as_json(role)
        return
    names = ("ID", "Name", "Description")
    fields([(name, role.get(name) or "") for name in names])
    for title, lines in sections(role):
        section(title, lines)
