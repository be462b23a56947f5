"""`tulle ca`: the roots that the mesh trusts, and the change to a new one."""

from datetime import UTC, datetime

import typer

from meshcore.cli.changes import Reason
from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, done, table

app = typer.Typer(help="Look at the certificate authority.", no_args_is_help=True)


@app.callback()
def group() -> None:
    pass


@app.command()
def roots(context: typer.Context, *, json: AsJson = False) -> None:
    """List the root certificates that proxies trust."""
    answer = connect(context).get("/v1/connect/ca/roots")
    if json:
        as_json(answer)
        return
    rows = [
        (
            "active" if root["Active"] else "trusted",
            root["Name"],
            root["ID"],
            _days_left(root["NotAfter"]),
        )
        for root in answer["Roots"]
    ]
    table(("State", "Name", "ID", "Expires"), rows, empty="No root certificate yet.")


@app.command()
def rotate(context: typer.Context, *, reason: Reason = "") -> None:
    """Change to a new root; no connection is lost by it."""
    connect(context).post("/api/certificates/rotate", {"reason": reason})
    done("A new root is prepared. It signs as soon as every proxy has heard of it")


def _days_left(not_after: str) -> str:
    ends_at = datetime.fromisoformat(not_after)
    return f"{ends_at:%Y-%m-%d} (in {(ends_at - datetime.now(UTC)).days} days)"
