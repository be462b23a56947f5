"""`tulle acl templated-policy`: policies that need only a name put into them."""

from typing import Annotated

import typer

from meshcore.cli.acl import options
from meshcore.cli.acl.links import template_variables
from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, done, fields, table, text
from meshcore.client.http import segment

app = typer.Typer(help="Look at the policies that come along.", no_args_is_help=True)

Template = Annotated[
    str, typer.Option("--name", metavar="TEMPLATE", help="Such as builtin/service.")
]


@app.command(name="list")
def list_all(context: typer.Context, *, json: AsJson = False) -> None:
    """List the templated policies."""
    templates = connect(context).get("/v1/acl/templated-policies")
    if json:
        as_json(templates)
        return
    rows = [(name, templates[name].get("Description") or "") for name in sorted(templates)]
    table(("Name", "Description"), rows, empty="No templated policies.")


@app.command()
def read(context: typer.Context, *, name: Template, json: AsJson = False) -> None:
    """Show the rules of one, with {{.Name}} where the name is put."""
    template = connect(context).get(f"/v1/acl/templated-policy/name/{segment(name)}")
    if json:
        as_json(template)
        return
    fields([("Name", template["TemplateName"]), ("Description", template["Description"])])
    done("Rules:")
    text(template["Template"].strip())


@app.command()
def preview(
    context: typer.Context, *, name: Template, var: options.Variables = None, json: AsJson = False
) -> None:
    """Show the rules that one gives for a name."""
    path = f"/v1/acl/templated-policy/preview/{segment(name)}"
    policy = connect(context).post(path, template_variables(var))
    if json:
        as_json(policy)
        return
    text(policy["Rules"].strip())
