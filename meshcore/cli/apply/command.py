"""`tulle apply`: check all files, show what they would change, then change all or nothing."""

from typing import Annotated, Any

import msgspec
import typer

from meshcore.cli.apply.render import outcome_lines, plan_lines, summary
from meshcore.cli.apply.sources import read
from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, console, errors, fail
from meshcore.client.http import Client
from meshcore.mesh.entries import to_document
from meshcore.mesh.texts import Asked

BAD_INPUT = 2


def add_to(app: typer.Typer) -> None:
    app.command(name="apply")(command)


def command(
    context: typer.Context,
    more: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH]...", help="More files and folders.")
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option("-f", "--filename", help="A file or folder; - for standard input."),
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Stop after the plan.")] = False,
    json: AsJson = False,
) -> None:
    """Create or change what YAML, JSON or HCL files say: config entries and intentions."""
    paths = [*(file or ()), *(more or ())]
    if not paths:
        raise fail("which files? tulle apply -f PATH...", exit_code=BAD_INPUT)
    apply(paths, connect(context), dry_run=dry_run, json=json)


def apply(paths: list[str], client: Client, *, dry_run: bool, json: bool) -> None:
    asked = read(paths)
    if asked.mistakes:
        raise refusal(asked)
    if not (asked.entries or asked.skipped):
        raise fail(f"nothing to apply in {', '.join(paths)}", exit_code=BAD_INPUT)
    if json:
        answer = posted(client, asked, dry_run=dry_run)
        skipped = [msgspec.to_builtins(one) for one in asked.skipped]
        as_json({**answer, "dry_run": dry_run, "skipped": skipped})
        return
    planned = posted(client, asked, dry_run=True)
    console.print(*plan_lines(planned["plan"], asked.skipped), sep="\n")
    console.print(summary(planned["plan"], asked.skipped), markup=False)
    for permission in planned["lacking"]:
        errors.print(f"Your token lacks {permission}.", style="yellow", markup=False)
    if dry_run:
        console.print("Dry run: nothing was written.", style="dim")
        return
    done = posted(client, asked, dry_run=False)
    console.print()
    console.print(*outcome_lines(done["plan"], asked.skipped), sep="\n")


def posted(client: Client, asked: Asked, *, dry_run: bool) -> dict[str, Any]:
    body = {"entries": [to_document(entry) for entry in asked.entries], "dry_run": dry_run}
    answer: dict[str, Any] = client.post("/api/apply", body)
    return answer


def refusal(asked: Asked) -> typer.Exit:
    for mistake in asked.mistakes:
        errors.print(str(mistake), style="red", markup=False)
    count = len(asked.mistakes)
    return fail(
        f"{count} {'mistake' if count == 1 else 'mistakes'}; nothing was applied",
        exit_code=BAD_INPUT,
    )
