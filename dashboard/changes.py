"""The log: what has changed, by whom and why; and one entry of it, with before and after.

The newest entries are in memory, and the page with them is live. Further back one goes page by
page through the database; the past does not change, so these pages wait for nothing.
"""

from datetime import datetime, timedelta
from functools import partial

import msgspec

from dashboard.change_rows import (
    KINDS,
    MOST_SAID,
    ChangeRow,
    Difference,
    Undoing,
    detail,
    row_of,
    summary,
    undoing,
    who,
)
from dashboard.pages import Page, PageRequest
from dashboard.tables import Column, Empty, Facet, Table, listing
from meshcore.actions.permissions import to_read
from meshcore.actions.wording import sentences
from meshcore.lib import durations
from meshcore.lib.errors import InvalidError
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Change
from meshcore.store.graphs import LAYOUT
from meshcore.store.history import LONGEST_PAGE, Found, Wanted
from meshcore.store.log import Entry
from meshcore.store.recent import RECENT

NAMED = ("service", "node", "name")  # parameters for the name that changes are about
AGES = (("15m", "15 min"), ("1h", "1 h"), ("24h", "24 h"), ("168h", "7 days"))
LONGEST_NUMBER = 18  # digits that the database's numbers hold in any case
AGEING = timedelta(seconds=30)  # what was in the last quarter of an hour drops out by itself


class Shown(msgspec.Struct, frozen=True):
    """A row of the window, with what is not worth finding out for all of them."""

    row: ChangeRow
    summary: tuple[Difference, ...]
    undoing: Undoing


class Age(msgspec.Struct, frozen=True):
    label: str
    query: str
    is_chosen: bool


def changes(request: PageRequest) -> Page:
    """The list, or the entry that `index` names."""
    params = request.params
    if params.get("index"):
        return one(request, number(params.get("index"), "index"))
    wanted, before = wanted_in(request), params.get("before")
    found = (
        looked_back(request, wanted, number(before, "before"))
        if before
        else recent(request, wanted)
    )
    rows = [row_of(entry, request.mesh, request.caller) for entry in found.entries]
    listed = listing(CHANGES, rows, params, has_hidden=found.is_filtered)
    by_index = {entry.index: entry for entry in found.entries}
    return Page(
        template="dashboard/changes.html",
        title="Changes",
        context={
            "listing": listed,
            "shown": [shown(row, by_index[row.index], request) for row in listed.rows],
            "ages": ages(request),
            "name": wanted.name,
            "nameless_query": params.without(*NAMED, "before").query or "?",
            "before": before,
            "newest_query": params.without("before").query or "?",
            "older_query": params.having(before=str(found.before)).query if found.before else "",
            "looked_back_to": found.looked_back_to,
        },
        watch_keys=() if before else (watch.ANYTHING,),
        is_filtered=found.is_filtered,
        refresh=AGEING if wanted.since and not before else None,
        listing=listed,
    )


def one(request: PageRequest, index: int) -> Page:
    entry = request.facts.history.entry(index, may_see=may_see(request))
    return Page(
        template="dashboard/change.html",
        title=f"Change {index}",
        context={
            "entry": entry,
            "index": str(index),
            "said": [each for change in entry.changes for each in sentences(change)][:MOST_SAID],
            "who": who(entry.actor, request.mesh, request.caller),
            "details": [detail(change) for change in entry.changes],
            "undoing": undoing(entry, request.mesh, request.caller, now=request.now),
        },
        watch_keys=(watch.ANYTHING,),
    )


def recent(request: PageRequest, wanted: Wanted) -> Found:
    return request.facts.history.recent(
        wanted, upto=request.mesh.index, limit=RECENT, may_see=may_see(request)
    )


def looked_back(request: PageRequest, wanted: Wanted, before: int) -> Found:
    """What the rare is found by is sought in the database too, and not only in what it gives."""
    kinds = request.params.all("kind")
    topics = frozenset(topic for topic, kind in KINDS.items() if kind in kinds)
    return request.facts.history.older(
        msgspec.structs.replace(wanted, topics=topics),
        before=before,
        limit=LONGEST_PAGE,
        may_see=may_see(request),
    )


def may_see(request: PageRequest) -> "partial[bool]":
    return partial(_may_see, Sight(request.caller.authorizer))


def _may_see(sight: Sight, change: Change) -> bool:
    return sight.all_of(to_read(change))


def wanted_in(request: PageRequest) -> Wanted:
    params = request.params
    since, until = params.get("since"), params.get("until")
    return Wanted(
        not_by=frozenset({LAYOUT}),  # places that nobody chose
        name=next((params.get(each) for each in NAMED if params.get(each)), ""),
        since=moment(since, request.now) if since else None,
        until=moment(until, request.now) if until else None,
    )


def moment(text: str, now: datetime) -> datetime:
    """An age such as 15m, or a time such as 2026-01-01T12:00Z."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            return now - durations.parse(text)
        except (InvalidError, OverflowError):
            raise InvalidError(
                f'"{text[:40]}" is neither an age such as 15m nor a time such as 2026-01-01T12:00Z'
            ) from None
    return at if at.tzinfo else at.replace(tzinfo=now.tzinfo)


def number(text: str, name: str) -> int:
    if not text.isdecimal() or len(text) > LONGEST_NUMBER:
        raise InvalidError(f'{name} is the number of a change, and "{text[:20]}" is none')
    return int(text)


def ages(request: PageRequest) -> list[Age]:
    params, chosen = request.params.without("before", "rows"), request.params.get("since")
    anytime = Age("Any time", params.without("since").query or "?", not chosen)
    return [
        *(Age(label, params.having(since=age).query, age == chosen) for age, label in AGES),
        anytime,
    ]


def shown(row: ChangeRow, entry: Entry, request: PageRequest) -> Shown:
    return Shown(
        row,
        summary(entry.changes),
        undoing(entry, request.mesh, request.caller, now=request.now),
    )


CHANGES: Table[ChangeRow] = Table(
    one="change",
    many="changes",
    row_type=ChangeRow,
    words=lambda row: row.words,
    sort="-index",
    columns=(
        Column(name="index", label="No.", value=lambda row: row.index, is_number=True),
        Column(name="at", label="When", value=lambda row: row.at),
        Column(
            name="changes", label="What changed", value=lambda row: row.changes, is_sortable=False
        ),
        Column(name="actor", label="By", value=lambda row: row.actor, sort=lambda row: row.who),
        Column(name="reason", label="Reason", value=lambda row: row.reason),
        Column(name="kinds", label="Kind", value=lambda row: row.kinds, is_optional=True),
    ),
    facets=(
        Facet(name="kind", label="Kind", values=lambda row: row.kinds),
        Facet(name="by", label="By", values=lambda row: (row.who,)),
    ),
    none_yet=Empty(
        title="No changes",
        text="Nothing was changed in this time. Whatever is written to the mesh appears here.",
        path="/ui/changes",
        label="Show all changes",
        icon_name="changes",
    ),
)
