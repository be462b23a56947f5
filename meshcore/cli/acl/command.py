"""`tulle acl`: who may do what on every door."""

from typing import Annotated

import typer

from meshcore.cli.acl import auth_method, binding_rule, policy, role, templated_policy, token
from meshcore.cli.acl.tokens import print_token
from meshcore.cli.connection import connect_as_nobody
from meshcore.cli.files import read_secret
from meshcore.cli.output import AsJson
from meshcore.lib.errors import DeniedError

RESET = (
    "\nThe first token is in bootstrap-token in the data dir of the server that was started first."
    " If it is lost, write the reset index into acl-bootstrap-reset there, and run this again"
)

app = typer.Typer(help="Say who may do what, by tokens.", no_args_is_help=True)
app.add_typer(token.app, name="token")
app.add_typer(policy.app, name="policy")
app.add_typer(role.app, name="role")
app.add_typer(auth_method.app, name="auth-method")
app.add_typer(binding_rule.app, name="binding-rule")
app.add_typer(templated_policy.app, name="templated-policy")


@app.command()
def bootstrap(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE", help="A UUID as its secret, - for stdin; else a random one."
        ),
    ] = None,
    *,
    json: AsJson = False,
) -> None:
    """Make the first token, which may do everything, and show its secret this one time."""
    body = {"BootstrapSecret": read_secret(file)} if file else None
    try:
        token = connect_as_nobody(context).put("/v1/acl/bootstrap", body)
    except DeniedError as refusal:
        raise DeniedError(f"{refusal}{RESET if 'reset index' in str(refusal) else ''}") from None
    print_token(token, json=json)
