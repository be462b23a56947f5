"""`tulle ca`: the roots that the mesh trusts, who holds which leaf, and the change of roots."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from meshcore.cli.changes import Reason
from meshcore.cli.connection import connect
from meshcore.cli.output import AsJson, as_json, done, table, warn
from meshcore.client.http import Client, Json
from meshcore.lib.errors import InvalidError

PAGE = 1000
SHORT = 8  # characters of an id that people tell it by
NEXT = {"prepared": "signs from", "active": "is succeeded", "retiring": "is forgotten"}

Service = Annotated[str, typer.Option(help="Only those of this service.", metavar="NAME")]
Limit = Annotated[int, typer.Option(help="How many at most.", min=1, max=100_000)]

app = typer.Typer(help="Look at the certificate authority.", no_args_is_help=True)


@app.callback()
def group() -> None:
    pass


@app.command()
def roots(context: typer.Context, *, json: AsJson = False) -> None:
    """List the root certificates that proxies trust, and what each does next.

    With --json it is Consul's answer, certificates included.
    """
    client = connect(context)
    if json:
        as_json(client.get("/v1/connect/ca/roots"))
        return
    answer = client.get("/api/certificates", limit=1)
    rows = [
        (
            root["state"],
            root["name"],
            root["id"],
            f"{NEXT[root['state']]} {_day(root['next_at'])}",
            _days_left(root["validity"]["not_after"]),
        )
        for root in answer["roots"]
    ]
    table(("State", "Name", "ID", "Next", "Expires"), rows, empty="No root certificate yet.")
    for root in answer["roots"]:
        if root["validity"]["warning"]:
            warn(f"{root['name']} {_short(root['id'])}: {root['validity']['warning']}")
    _tell_trouble(answer)


@app.command()
def leafs(
    context: typer.Context,
    *,
    service: Service = "",
    issued: Annotated[
        bool, typer.Option("--issued", help="Every one that was issued, also if replaced since.")
    ] = False,
    limit: Limit = 1000,
    json: AsJson = False,
) -> None:
    """List the certificates of services, those that are late or end first at the beginning."""
    client = connect(context)
    if issued:
        _record(client, service=service, limit=limit, json=json)
        return
    found = list(_pages(client, "/api/certificates", "leaves", service=service, limit=limit))
    if json:
        as_json(found)
        return
    rows = [
        (
            leaf["validity"]["severity"],
            leaf["service"],
            _holder(leaf),
            _moment(leaf["renews_at"]),
            _moment(leaf["validity"]["not_after"]),
            _short(leaf["issuer"]),
            leaf["serial"],
        )
        for leaf in found
    ]
    empty = "No certificate of a service yet: one is issued when its first proxy connects."
    table(("Status", "Service", "Held by", "Renews", "Ends", "Root", "Serial"), rows, empty=empty)


@app.command()
def timeline(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(help="How much of the past.", min=1, max=500)] = 20,
    json: AsJson = False,
) -> None:
    """Tell what happened to the roots, and what comes when."""
    answer = connect(context).get("/api/certificates/timeline", limit=limit)
    if json:
        as_json(answer)
        return
    rows = [
        (_moment(each["at"]), "; ".join(each["sentences"]), each["actor"], each["reason"])
        for each in answer["happened"]
    ]
    rows += [
        (_moment(each["at"]), f"root {_short(each['root'])} {each['words']}", "", "to come")
        for each in answer["coming"]
    ]
    table(("At", "What", "By", "Reason"), rows, empty="Nothing happened yet.")
    _tell_trouble(answer)


@app.command()
def rotate(
    context: typer.Context,
    *,
    reason: Reason = "",
    root_cert: Annotated[
        Path | None,
        typer.Option(
            help="PEM file of a certificate authority of your own: what signs, then each issuer up"
            " to the root.",
            metavar="FILE",
        ),
    ] = None,
    private_key: Annotated[
        Path | None, typer.Option(help="PEM file with the key of what signs.", metavar="FILE")
    ] = None,
    generated: Annotated[
        bool, typer.Option("--generated", help="Go back from a given root to one of Tulle's own.")
    ] = False,
    without_cross_signing: Annotated[
        bool,
        typer.Option(
            "--without-cross-signing",
            help="Even where the root before cannot vouch for the new one.",
        ),
    ] = False,
) -> None:
    """Change to a new root; no connection is lost by it."""
    asked = {
        "reason": reason,
        "root_cert": _content(root_cert),
        "private_key": _content(private_key),
        "generated": generated,
        "without_cross_signing": without_cross_signing,
    }
    connect(context).post("/api/certificates/rotate", asked)
    done("A new root is prepared. It signs as soon as every proxy has heard of it")


def _record(client: Client, *, service: str, limit: int, json: bool) -> None:
    found = list(_pages(client, "/api/certificates/issued", "issued", service=service, limit=limit))
    if json:
        as_json(found)
        return
    rows = [
        (
            each["kind"],
            each["service"] or each["spiffe_id"],
            _holder(each) if each["kind"] == "leaf" else "",
            _moment(each["not_before"]),
            _moment(each["not_after"]),
            _short(each["issuer"]),
            each["serial"],
        )
        for each in found
    ]
    table(
        ("Kind", "Service", "Issued to", "From", "Until", "Root", "Serial"),
        rows,
        empty="Nothing was issued yet.",
    )


def _pages(
    client: Client, path: str, field: str, *, service: str, limit: int
) -> Iterator[dict[str, Json]]:
    wanted: dict[str, str | int] = {"service": service} if service else {}
    cursor = ""
    while limit > 0:
        some = min(limit, PAGE - 1)
        more = {"cursor": cursor} if cursor else {}
        answer = client.get(path, limit=some, **wanted, **more)
        yield from answer[field]
        limit, cursor = limit - some, answer["next"] or ""
        if not cursor:
            return


def _tell_trouble(answer: Json) -> None:
    trouble = answer["trouble"]
    if trouble:
        since = f"since {_moment(trouble['since'])} " if trouble["since"] else ""
        warn(f"{since}certificates cannot be looked after: {trouble['text']}")


def _content(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"{file} cannot be read: {error}") from error


def _holder(leaf: Json) -> str:
    return f"{leaf['instance']} on {leaf['node']}" if leaf["node"] else "HTTP clients"


def _short(root_id: str) -> str:
    return root_id.replace(":", "")[:SHORT]


def _moment(written: str) -> str:
    return f"{datetime.fromisoformat(written):%Y-%m-%d %H:%M:%S}"


def _day(written: str) -> str:
    return f"{datetime.fromisoformat(written):%Y-%m-%d}"


def _days_left(not_after: str) -> str:
    ends_at = datetime.fromisoformat(not_after)
    return f"{ends_at:%Y-%m-%d} (in {(ends_at - datetime.now(UTC)).days} days)"
