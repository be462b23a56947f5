"""`POST /api/apply`: many config entries as one write, or the plan of it."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.actions import config_entries
from meshcore.actions.plan import Planned, plan
from meshcore.config_entries.problems import DocumentError
from meshcore.lib.errors import InvalidError
from meshcore.mesh.entries import Entry, parse
from meshcore.rest_api import context

LARGEST_BODY = 16 * 1024 * 1024
MOST_ENTRIES = 10_000


class ApplyRequest(msgspec.Struct, forbid_unknown_fields=True):
    entries: list[dict[str, Any]]
    dry_run: bool = False
    reason: str = ""


class Applied(msgspec.Struct):
    index: int
    plan: tuple[Planned, ...]


@api_view(["POST"])
def apply(request: Request) -> Response:
    """Plan and write are made of one and the same changes, so what was said is what was done."""
    asked = asked_in(request)
    entries = parsed(asked.entries)
    action = partial(config_entries.apply, entries=entries, now=datetime.now(UTC))
    store = context.store()
    if asked.dry_run:
        mesh = store.mesh
        applied = Applied(mesh.index, plan(entries, action(mesh)))
    else:
        written = store.write_from_thread(action, actor="api", reason=asked.reason or "apply")
        applied = Applied(written.index, plan(entries, written.changes))
    return Response(msgspec.to_builtins(applied))


def asked_in(request: Request) -> ApplyRequest:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
        raise InvalidError(f"the body is larger than {LARGEST_BODY} bytes")
    try:
        asked = msgspec.convert(request.data, ApplyRequest)
    except msgspec.ValidationError as error:
        raise InvalidError(f"bad request: {error}") from None
    if len(asked.entries) > MOST_ENTRIES:
        raise InvalidError(f"{len(asked.entries)} entries at once: {MOST_ENTRIES} at most")
    return asked


def parsed(documents: list[dict[str, Any]]) -> list[Entry]:
    """Raise DocumentError with the problems of all documents."""
    entries, problems = [], []
    for index, document in enumerate(documents):
        try:
            entries.append(parse(document))
        except DocumentError as error:
            problems += [problem.under("entries", index) for problem in error.problems]
    if problems:
        raise DocumentError(problems)
    return entries
