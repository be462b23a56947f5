"""`tulle acl token`: who may do what, by the secret that they present."""

from typing import Annotated

import typer

from meshcore.acl.types import ANONYMOUS_SECRET, ANONYMOUS_TOKEN
from meshcore.cli.acl import options
from meshcore.cli.acl.finding import read_by_id, whole_id
from meshcore.cli.acl.links import grants, identities, policy_links, role_links
from meshcore.cli.acl.tokens import print_token, without_secret
from meshcore.cli.connection import connect
from meshcore.cli.files import read_secret
from meshcore.cli.output import AsJson, as_json, done, table
from meshcore.client.http import Client, Json, segment
from meshcore.lib.errors import InvalidError

TOKENS = "/v1/acl/tokens"
COPIED = (  # what an update leaves alone unless it is told otherwise
    *("AccessorID", "Description", "Policies", "Roles"),
    *("ServiceIdentities", "NodeIdentities", "TemplatedPolicies", "Local"),
)

app = typer.Typer(help="Make, change and revoke tokens.", no_args_is_help=True)


@app.command()
def create(
    context: typer.Context,
    *,
    description: options.Description = None,
    policy_name: options.PolicyNames = None,
    policy_id: options.PolicyIds = None,
    role_name: options.RoleNames = None,
    role_id: options.RoleIds = None,
    service_identity: options.ServiceIdentities = None,
    node_identity: options.NodeIdentities = None,
    templated_policy: options.TemplatedPolicy = None,
    var: options.Variables = None,
    expires_ttl: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How long it is good for, such as 8h.")
    ] = None,
    local: Annotated[bool, typer.Option("--local", help="For this datacenter only.")] = False,
    accessor_id: Annotated[
        str | None, typer.Option(metavar="UUID", help="Its accessor ID, else a random one.")
    ] = None,
    secret_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A UUID as its secret, - for stdin; else a random one."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Make a token, and show its secret."""
    body: dict[str, Json] = {
        "Description": description or "",
        "Local": local,
        **policy_links(policy_name, policy_id),
        **role_links(role_name, role_id),
        **identities(service_identity, node_identity, template=templated_policy, variables=var),
    }
    if expires_ttl:
        body["ExpirationTTL"] = expires_ttl
    if accessor_id:
        body["AccessorID"] = accessor_id
    if secret_file:
        body["SecretID"] = read_secret(secret_file)
    print_token(connect(context).put("/v1/acl/token", body), json=json)


@app.command()
def read(
    context: typer.Context,
    *,
    accessor_id: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Its accessor ID, or enough of its beginning."),
    ] = None,
    self_: Annotated[
        bool, typer.Option("--self", help="The token that this command presents itself.")
    ] = False,
    expanded: Annotated[
        bool, typer.Option("--expanded", help="With the rules of all that it is linked to.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Show one token: with its secret by its accessor ID, without by --self."""
    if self_ == (accessor_id is not None):
        raise InvalidError("which token? Say either --accessor-id ID or --self")
    client = connect(context)
    if self_:
        token = without_secret(client.get("/v1/acl/token/self"))
        accessor_id = str(token["AccessorID"])
        if not expanded:
            print_token(token, json=json)
            return
    token = _read(client, accessor_id or "", **({"expanded": "true"} if expanded else {}))
    print_token(without_secret(token) if self_ else token, json=json)


@app.command()
def update(
    context: typer.Context,
    *,
    accessor_id: options.Accessor,
    description: options.Description = None,
    policy_name: options.PolicyNames = None,
    policy_id: options.PolicyIds = None,
    role_name: options.RoleNames = None,
    role_id: options.RoleIds = None,
    service_identity: options.ServiceIdentities = None,
    node_identity: options.NodeIdentities = None,
    templated_policy: options.TemplatedPolicy = None,
    var: options.Variables = None,
    json: AsJson = False,
) -> None:
    """Replace what is given, and keep the rest; '' takes all of a kind away."""
    asked = {
        **({} if description is None else {"Description": description}),
        **policy_links(policy_name, policy_id),
        **role_links(role_name, role_id),
        **identities(service_identity, node_identity, template=templated_policy, variables=var),
    }
    client = connect(context)
    former = _read(client, accessor_id)
    body = {field: former[field] for field in COPIED if field in former} | asked
    path = f"/v1/acl/token/{segment(former['AccessorID'])}"
    print_token(without_secret(client.put(path, body)), json=json)


@app.command()
def delete(
    context: typer.Context,
    *,
    accessor_id: options.Accessor,
    force: Annotated[
        bool, typer.Option("--force", help="Even the last one that may manage tokens.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Revoke a token: whoever presents it is nobody from now on."""
    client = connect(context)
    whole = _whole(client, accessor_id)
    try:
        client.delete(f"/v1/acl/token/{segment(whole)}", **({"force": "true"} if force else {}))
    except InvalidError as error:
        raise InvalidError(str(error).replace("or force it", "or say --force")) from None
    if json:
        as_json({"deleted": {"AccessorID": whole}})
        return
    done(f"Deleted token: {whole}")


@app.command(name="list")
def list_all(context: typer.Context, *, json: AsJson = False) -> None:
    """List the tokens, without their secrets."""
    tokens = [without_secret(token) for token in connect(context).get(TOKENS) or ()]
    if json:
        as_json(tokens)
        return
    rows = [
        (
            token["AccessorID"],
            token.get("Description") or "",
            grants(token),
            token.get("ExpirationTime") or "",
        )
        for token in tokens
    ]
    table(("AccessorID", "Description", "Grants", "Expires"), rows, empty="No tokens to be seen.")


@app.command()
def clone(
    context: typer.Context,
    *,
    accessor_id: options.Accessor,
    description: options.Description = None,
    json: AsJson = False,
) -> None:
    """Make another token with the same links, and show its secret."""
    client = connect(context)
    body = {} if description is None else {"Description": description}
    path = f"/v1/acl/token/{segment(_whole(client, accessor_id))}/clone"
    print_token(client.put(path, body), json=json)


def _read(client: Client, typed: str, **params: str) -> dict[str, Json]:
    whole = _whole(client, typed)
    return read_by_id(client, whole, path="/v1/acl/token", what="token", **params)


def _whole(client: Client, typed: str) -> str:
    if typed == ANONYMOUS_SECRET:
        return ANONYMOUS_TOKEN
    return whole_id(client, typed, listed_at=TOKENS, what="token", field="AccessorID")
