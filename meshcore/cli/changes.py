"""`tulle changes` and `tulle undo`: what was written to the mesh, and the way back."""

from typing import Annotated

import typer

from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, done, table

MOST_SAID = 3  # sentences of one change

Reason = Annotated[str, typer.Option(help="Why; it is kept in the log.", metavar="TEXT")]


def changes(
    context: typer.Context,
    *,
    name: Annotated[
        str, typer.Option(help="Only what is about this service, node, ...", metavar="NAME")
    ] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=1000)] = 20,
    json: AsJson = False,
) -> None:
    """List what was changed, newest first."""
    answer = connect(context).get("/api/changes", limit=limit, **({"name": name} if name else {}))
    if json:
        as_json(answer)
        return
    rows = [
        (str(each["index"]), each["at"], each["actor"], said(each["changes"]), each["reason"])
        for each in answer["changes"]
    ]
    table(("No.", "At", "By", "What changed", "Reason"), rows, empty="Nothing was changed yet.")


def said(changes: list[dict[str, list[str]]]) -> str:
    sentences = [sentence for change in changes for sentence in change["sentences"]]
    more = len(sentences) - MOST_SAID
    return "; ".join(sentences[:MOST_SAID]) + (f"; and {more} more" if more > 0 else "")


def undo(
    context: typer.Context,
    index: Annotated[int, typer.Argument(help="Number of the change.", min=1)],
    *,
    reason: Reason = "",
) -> None:
    """Make everything that one change wrote what it was before.

    Refused where something of it was written since. To undo an undo does it again.
    """
    answer = connect(context).post(f"/api/changes/{index}/undo", {"reason": reason})
    done(f"Undone: {index}, by change {answer['index']}")


def add_to(app: typer.Typer) -> None:
    app.command()(changes)
    app.command()(undo)
