"""The log: what was changed, when, by whom and why."""

from datetime import datetime
from functools import partial

import msgspec
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.actions.details import details
from meshcore.actions.permissions import to_read
from meshcore.actions.plan import Difference
from meshcore.actions.wording import sentences
from meshcore.lib.errors import InvalidError
from meshcore.mesh.types import Change, Topic
from meshcore.rest_api import params
from meshcore.rest_api.authentication import OF_THE_MESH, caller_of, mesh_of, require_any
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering, number, text
from meshcore.store.callers import Caller
from meshcore.store.graphs import LAYOUT
from meshcore.store.history import LARGEST_INDEX, LONGEST_PAGE, Wanted
from meshcore.store.log import Entry

DEFAULT = 100


class LoggedChange(msgspec.Struct):
    """Field by field, secrets left out; None where a value was not or is not."""

    topic: Topic
    key: tuple[str, ...]
    sentences: tuple[str, ...]
    differences: tuple[Difference, ...]


class LoggedEntry(msgspec.Struct):
    index: int
    at: datetime
    actor: str
    reason: str
    changes: tuple[LoggedChange, ...]


class Changes(msgspec.Struct):
    """`before` is how to go on, None at the beginning of the log.

    A search for what is rare ends after many entries: then there are fewer rows than asked for, or
    none, and it can be gone on with.
    """

    index: int
    changes: tuple[LoggedEntry, ...]
    before: int | None
    is_filtered: bool


@answering(
    Changes,
    summary="What was changed, newest first",
    parameters=(
        number("limit", f"entries at once, {DEFAULT} unless told otherwise"),
        number("before", "only entries before this index"),
        text("topic", "only changes of these, with commas between", choices=tuple(Topic)),
        text("name", "only what is about exactly this service, node, token, ..."),
        text(
            "actor", "only what was done by somebody with this in the name; layout's are left out"
        ),
        text("reason", "only what was done for a reason with this in it"),
        text("since", "a moment: 2026-01-31T12:00:00Z"),
        text("until", "a moment"),
    ),
)
@api_view(["GET"])
def changes(request: Request) -> Response:
    """The log as far as the token may read what its entries are about."""
    require_any(request, *OF_THE_MESH)
    mesh, caller = mesh_of(request), caller_of(request)
    before = params.number(request, "before", default=mesh.index + 1, least=0, most=LARGEST_INDEX)
    found = provided().history.older(
        wanted(request),
        before=min(before, mesh.index + 1),
        limit=params.number(request, "limit", default=DEFAULT, least=1, most=LONGEST_PAGE),
        may_see=partial(may_see, caller),
    )
    return Response(
        Changes(mesh.index, tuple(map(logged, found.entries)), found.before, found.is_filtered),
        headers={"Cache-Control": "no-store"},
    )


def wanted(request: Request) -> Wanted:
    actor = params.text(request, "actor")
    return Wanted(
        topics=frozenset(topics(params.text(request, "topic"))),
        name=params.text(request, "name"),
        actor=actor,
        reason=params.text(request, "reason"),
        not_by=frozenset() if actor == LAYOUT else frozenset({LAYOUT}),
        since=params.moment(request, "since"),
        until=params.moment(request, "until"),
    )


def topics(given: str) -> list[Topic]:
    names = [name for name in given.split(",") if name]
    unknown = [name for name in names if name not in set(Topic)]
    if unknown:
        raise InvalidError(f"there is no topic {unknown[0]}: {', '.join(Topic)}")
    return [Topic(name) for name in names]


def may_see(caller: Caller, change: Change) -> bool:
    return all(caller.may(rule.kind, rule.access, rule.segment) for rule in to_read(change))


def logged(entry: Entry) -> LoggedEntry:
    return LoggedEntry(
        index=entry.index,
        at=entry.at,
        actor=entry.actor,
        reason=entry.reason,
        changes=tuple(
            LoggedChange(each.topic, each.key, sentences(each), details(each))
            for each in entry.changes
        ),
    )
