"""`POST /api/apply`: many config entries as one write, or the plan of it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.acl import denial
from meshcore.acl.rules import Rule
from meshcore.actions import config_entries
from meshcore.actions.permissions import to_put_entry, to_read_entry
from meshcore.actions.plan import Planned, plan
from meshcore.config_entries.problems import DocumentError
from meshcore.lib.errors import InvalidError
from meshcore.mesh.entries import Entry, kind_and_name, parse
from meshcore.rest_api.authentication import caller_of, mesh_of
from meshcore.rest_api.bodies import body
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering
from meshcore.store.callers import Caller, permitted

MOST_ENTRIES = 10_000


class ApplyRequest(msgspec.Struct, forbid_unknown_fields=True):
    entries: list[dict[str, Any]]
    dry_run: bool = False
    reason: str = ""


class Applied(msgspec.Struct):
    """`lacking` are the permissions without which what is planned will be refused."""

    index: int
    plan: tuple[Planned, ...]
    lacking: tuple[str, ...] = ()


@answering(Applied, summary="Write many config entries as one, or plan to", asked=ApplyRequest)
@api_view(["POST"])
def apply(request: Request) -> Response:
    """Plan and write are made of one and the same changes, so what was said is what was done."""
    asked = asked_in(request)
    entries = parsed(asked.entries)
    action = partial(config_entries.apply, entries=entries, now=datetime.now(UTC))
    caller, mesh = caller_of(request), mesh_of(request)
    needed = tuple(dict.fromkeys(rule for entry in entries for rule in to_put_entry(entry)))
    if asked.dry_run:
        caller.require_all(rule for entry in entries for rule in to_see(entry))
        planned = plan(entries, action(mesh))
        return Response(Applied(mesh.index, planned, lacking=lacking(caller, needed)))
    written = provided().store.write_from_thread(
        permitted(caller, action, lambda _mesh: needed),
        actor=caller.actor,
        reason=asked.reason or "apply",
    )
    return Response(Applied(written.index, plan(entries, written.changes)))


def to_see(entry: Entry) -> tuple[Rule, ...]:
    """The plan says what the entry is like now."""
    return to_read_entry(*kind_and_name(entry))


def lacking(caller: Caller, needed: Iterable[Rule]) -> tuple[str, ...]:
    """In the words of a refusal."""
    return tuple(
        denial.permission(rule.kind, rule.access, rule.segment)
        for rule in needed
        if not caller.may(rule.kind, rule.access, rule.segment)
    )


def asked_in(request: Request) -> ApplyRequest:
    asked = body(request, ApplyRequest)
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
