"""What becomes of a draft when it is sent: a button pressed, a text typed, somebody else faster."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from dashboard.intentions import typed
from dashboard.intentions.draft import (
    By,
    Draft,
    PermissionRow,
    SourceRow,
    draft_of,
    entry_of,
    source_row,
)
from dashboard.intentions.editing import NEW, edited
from dashboard.intentions.merging import Theirs, by_identity, merged, parts, theirs
from dashboard.intentions.typed import Language
from meshcore.config_entries.texts import Mistake
from meshcore.intentions.types import ServiceIntentions
from meshcore.lib.records import Record

TAKE, MERGE, KEEP = "take", "merge", "keep"  # buttons, for when somebody else was faster

Present = Record[ServiceIntentions] | None


class Drafted(msgspec.Struct, frozen=True):
    """`conflict` is what others have changed meanwhile: nothing is written over it unasked.

    `text` is what was typed, as it was typed; empty where the form was filled in.
    """

    draft: Draft
    conflict: tuple[Theirs, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    text: str = ""


def begun(present: Present, destination: str, *, source: str = "", by: By | None = None) -> Draft:
    """With one source open, be it there or not yet."""
    draft = fresh(present, destination)
    if not source:
        return draft
    rows = [opened(row, by) if row.name == source else row for row in draft.sources]
    if all(row.name != source for row in rows):
        rows.append(opened(SourceRow(name=source), by))
    return replace(draft, sources=tuple(rows))


def opened(row: SourceRow, by: By | None) -> SourceRow:
    chosen = by or row.by
    first = NEW["permissions"]
    assert isinstance(first, PermissionRow)
    begins = chosen == "permissions" and not row.permissions
    return replace(
        row, by=chosen, is_open=True, permissions=(first,) if begins else row.permissions
    )


def fresh(present: Present, destination: str) -> Draft:
    if present is None:
        return Draft(destination=destination)
    return draft_of(present.value, index=present.modify_index)


def drafted(draft: Draft, present: Present, *, button: str = "") -> Drafted:
    """Raise InvalidError for a button that there is not."""
    theirs_will_do = draft.index != index_of(present) and is_content(draft, present)
    if button == TAKE or theirs_will_do:
        return Drafted(fresh(present, draft.destination))
    if button == MERGE:
        return Drafted(rebased(with_theirs(draft, present), present))
    if button == KEEP:
        return Drafted(rebased(draft, present))
    if button:
        draft = edited(draft, button)
    return Drafted(draft, changes(draft, present))


def from_text(draft: Draft, present: Present, *, text: str, language: Language) -> Drafted:
    read = typed.typed(draft, text, language)
    return Drafted(read.draft, changes(read.draft, present), read.mistakes, text)


def index_of(present: Present) -> int:
    return present.modify_index if present else 0


def value_of(present: Present) -> ServiceIntentions | None:
    return present.value if present else None


def is_content(draft: Draft, present: Present) -> bool:
    """Whether nothing was changed in it, or nothing that is not there by now."""
    begun_with = draft_of(draft.base, index=0) if draft.base else Draft()
    return wanted(draft) in (wanted(begun_with), wanted(fresh(present, draft.destination)))


def wanted(draft: Draft) -> Sequence[object]:
    rows = by_identity(entry_of(draft, None))
    return [draft.meta, {identity: parts(each) for identity, each in rows.items()}]


def changes(draft: Draft, present: Present) -> tuple[Theirs, ...]:
    if draft.index == index_of(present):
        return ()
    return theirs(draft.base, entry_of(draft, draft.base), value_of(present))


def rebased(draft: Draft, present: Present) -> Draft:
    return replace(draft, index=index_of(present), base=value_of(present))


def with_theirs(draft: Draft, present: Present) -> Draft:
    """My rows stay as I typed them, where they are mine to decide."""
    together = merged(draft.base, entry_of(draft, draft.base), value_of(present))
    mine = {row.identity: row for row in draft.sources}
    asked = by_identity(entry_of(draft, draft.base))
    rows = (
        mine[identity] if parts(asked.get(identity)) == parts(intention) else source_row(intention)
        for identity, intention in by_identity(together).items()
    )
    return replace(draft, sources=tuple(rows))
