"""`tulle acl binding-rule`: what a login gives, by the claims of who logs in."""

from typing import Annotated, Any

import typer

from meshcore.cli.acl import options
from meshcore.cli.acl.finding import read_by_id, whole_id
from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, done, fields, table
from meshcore.client.http import Client, Json, segment
from meshcore.lib.errors import InvalidError

RULES = "/v1/acl/binding-rules"
FIELDS = ("ID", "AuthMethod", "Description", "BindType", "BindName", "Selector")

app = typer.Typer(help="Say what a login gives.", no_args_is_help=True)

RuleId = Annotated[
    str, typer.Option("--id", metavar="ID", help="Its ID, or enough of its beginning.")
]
BindType = Annotated[
    str | None,
    typer.Option(metavar="TYPE", help="service, node, role, policy or templated-policy."),
]
BindName = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Which one; ${value.name} stands for a claim."),
]
BindVars = Annotated[
    list[str] | None,
    typer.Option(
        "--bind-vars", metavar="name=VALUE", help="The name that is put into a templated policy."
    ),
]
Selector = Annotated[
    str | None,
    typer.Option(metavar="EXPRESSION", help="Only for claims such as: value.team == web"),
]


@app.command()
def create(
    context: typer.Context,
    *,
    method: Annotated[str, typer.Option(metavar="NAME", help="The auth method.")],
    bind_type: BindType = "service",
    bind_name: Annotated[
        str, typer.Option(metavar="NAME", help="Which one; ${value.name} stands for a claim.")
    ],
    bind_vars: BindVars = None,
    selector: Selector = None,
    description: options.Description = None,
    json: AsJson = False,
) -> None:
    """Give something to whoever logs in by a method, or to those with certain claims."""
    body = {"AuthMethod": method} | _typed(bind_type, bind_name, bind_vars, selector, description)
    _print(connect(context).put("/v1/acl/binding-rule", body), json=json)


@app.command()
def read(context: typer.Context, *, rule_id: RuleId, json: AsJson = False) -> None:
    """Show one binding rule."""
    _print(_read(connect(context), rule_id), json=json)


@app.command()
def update(
    context: typer.Context,
    *,
    rule_id: RuleId,
    bind_type: BindType = None,
    bind_name: BindName = None,
    bind_vars: BindVars = None,
    selector: Selector = None,
    description: options.Description = None,
    json: AsJson = False,
) -> None:
    """Replace what is given, and keep the rest."""
    asked = _typed(bind_type, bind_name, bind_vars, selector, description)
    client = connect(context)
    rule = _read(client, rule_id)
    _print(client.put(_path(rule), rule | asked), json=json)


@app.command()
def delete(context: typer.Context, *, rule_id: RuleId, json: AsJson = False) -> None:
    """Delete a binding rule; tokens that it gave stay as they are."""
    client = connect(context)
    rule = _read(client, rule_id)  # the server is content with what is not there
    client.delete(_path(rule))
    if json:
        as_json({"deleted": {"ID": rule["ID"]}})
        return
    done(f"Deleted binding rule: {rule['ID']}")


@app.command(name="list")
def list_all(
    context: typer.Context,
    *,
    method: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only those of this auth method.")
    ] = None,
    json: AsJson = False,
) -> None:
    """List the binding rules."""
    rules = connect(context).get(RULES, **({"authmethod": method} if method else {}))
    if json:
        as_json(rules)
        return
    rows = [
        (
            rule["ID"],
            rule["AuthMethod"],
            f"{rule['BindType']} {rule['BindName']}",
            rule.get("Selector") or "",
            rule.get("Description") or "",
        )
        for rule in rules
    ]
    empty = f"No binding rules{f' of {method}' if method else ''}: a login gives nothing."
    table(("ID", "Method", "Gives", "Selector", "Description"), rows, empty=empty)


def _path(rule: dict[str, Json]) -> str:
    return f"/v1/acl/binding-rule/{segment(rule['ID'])}"


def _read(client: Client, typed: str) -> dict[str, Json]:
    whole = whole_id(client, typed, listed_at=RULES, what="binding rule")
    return read_by_id(client, whole, path="/v1/acl/binding-rule", what="binding rule")


def _typed(
    bind_type: str | None,
    bind_name: str | None,
    bind_vars: list[str] | None,
    selector: str | None,
    description: str | None,
) -> dict[str, Json]:
    asked = {
        "BindType": bind_type,
        "BindName": bind_name,
        "BindVars": None if bind_vars is None else _variables(bind_vars),
        "Selector": selector,
        "Description": description,
    }
    return {field: value for field, value in asked.items() if value is not None}


def _variables(words: list[str]) -> dict[str, str]:
    variables = {}
    for word in words:
        key, equals, value = word.partition("=")
        if key.lower() != "name" or not equals:
            raise InvalidError(f'"{word}" is no variable to bind: write it as name=${{value.name}}')
        variables["Name"] = value
    return variables


def _print(rule: dict[str, Any], *, json: bool) -> None:
    if json:
        as_json(rule)
        return
    variables = (rule.get("BindVars") or {}).items()
    fields(
        [
            *((name, rule.get(name) or "") for name in FIELDS),
            *((f"BindVars {key.lower()}", value) for key, value in variables if value),
        ]
    )
