"""Taking an entry of the log back: each of its values becomes what it was before.

Nothing else is lost by it: who has changed one of the values since is not overruled, and nothing is
taken away that something made later rests on. The undo is an entry of its own, so undoing that one
is the redo.

Worked example. Entry 41 lets web call db, 42 denies it.

    undo of 42   the intention is as 42 left it       -> entry 43: web may call db again
    undo of 42   the intention is not so any more     -> refused: 43 has written it since
    undo of 43   it is as 43 left it                  -> entry 44: denied again
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

import msgspec

from meshcore.acl.types import Token
from meshcore.actions import config_entries
from meshcore.actions.acl import delete_token
from meshcore.actions.checks import following
from meshcore.actions.intentions import delete_entry
from meshcore.actions.remains import require_whole
from meshcore.actions.wording import subject
from meshcore.intentions.types import ServiceIntentions
from meshcore.lib.errors import ConflictError, InvalidError
from meshcore.mesh.apply import apply as applied
from meshcore.mesh.apply import record_of
from meshcore.mesh.entries import Entry
from meshcore.mesh.types import Change, Key, Mesh, Topic, Value
from meshcore.registry.health import is_maintenance
from meshcore.registry.types import Check

FINAL = {
    Topic.TRUST: "what the certificate authority was set up with stays",
    Topic.ROOT: "a rotation can only be followed by another one",
    Topic.LEAF: "a certificate that was issued cannot be recalled",
    Topic.BOOTSTRAP: "the ACL bootstrap happens once; delete its token instead",
}
ENTRIES = (Topic.CONFIG_ENTRY, Topic.INTENTIONS)


def undo(mesh: Mesh, changes: Sequence[Change], *, now: datetime, by: str = "") -> Sequence[Change]:
    """`changes` are those of the entry; `by` is the accessor of who undoes it."""
    backwards = tuple(inverted(changes))
    for change in backwards:
        require_undoable(change)
        require_unchanged_since(mesh, change)
    undone = list(entries_back(mesh, [c for c in backwards if c.topic in ENTRIES], now=now))
    others = [with_current(mesh, c) for c in backwards if c.topic not in ENTRIES]
    for change in others:
        if change.topic == Topic.TOKEN:
            require_token_allowed(mesh, change, now=now, by=by)
    undone += following(mesh, others)
    require_whole(mesh, applied(mesh, undone, index=mesh.index + 1), undone)
    return undone


def inverted(changes: Iterable[Change]) -> Iterator[Change]:
    """One change for each value, even where an entry changed it twice; the last comes first."""
    first: dict[tuple[Topic, Key], Change] = {}
    last: dict[tuple[Topic, Key], Change] = {}
    for change in changes:
        first.setdefault((change.topic, change.key), change)
        last[change.topic, change.key] = change
    for place, change in reversed(last.items()):
        if change.after != first[place].before:
            yield Change(change.topic, change.key, change.after, first[place].before)


def require_undoable(backwards: Change) -> None:
    if reason := FINAL.get(backwards.topic):
        raise InvalidError(f"cannot undo it: {reason}")
    before, after = backwards.before, backwards.after
    if isinstance(before, Check) and isinstance(after, Check) and essence(before) == essence(after):
        raise InvalidError(
            f"cannot undo it: the status of {subject(backwards)} is what was found out"
        )


def require_unchanged_since(mesh: Mesh, backwards: Change) -> None:
    record = record_of(mesh, backwards.topic, backwards.key)
    current = record.value if record else None
    if essence(current) == essence(backwards.before):
        return
    if record is None:
        raise ConflictError(f"cannot undo it: nothing is left of {subject(backwards)}")
    raise ConflictError(
        f"cannot undo it: change {record.modify_index} has written {subject(backwards)} since"
    )


def essence(value: Value | None) -> object:
    """A value without what it comes to by itself: found out, or counted by its own writes."""
    if isinstance(value, Check) and not is_maintenance(value):
        return msgspec.structs.replace(value, status="critical", output="")
    if isinstance(value, ServiceIntentions):
        undated = tuple(
            msgspec.structs.replace(each, created_at=None, updated_at=None, revision=0)
            for each in value.intentions
        )
        return msgspec.structs.replace(value, intentions=undated, revoked_at=0)
    return value


def with_current(mesh: Mesh, backwards: Change) -> Change:
    """A check keeps what it has found out meanwhile."""
    record = record_of(mesh, backwards.topic, backwards.key)
    current, after = (record.value if record else None), backwards.after
    if isinstance(current, Check) and isinstance(after, Check):
        after = msgspec.structs.replace(after, status=current.status, output=current.output)
    return msgspec.structs.replace(backwards, before=current, after=after)


def entries_back(mesh: Mesh, backwards: Sequence[Change], *, now: datetime) -> Iterator[Change]:
    """By the actions that write entries, which know what becomes of rights that are lost.

    Each step is judged by what the former left: intentions that need HTTP go before what makes
    their destination speak it.
    """
    gone = [change for change in backwards if change.after is None]
    steps = (
        *(delete(change) for change in gone if change.topic == Topic.INTENTIONS),
        lambda mesh: config_entries.apply(mesh, tuple(entries_before(backwards)), now=now),
        *(delete(change) for change in gone if change.topic == Topic.CONFIG_ENTRY),
    )
    for step in steps:
        changes = tuple(step(mesh))
        mesh = applied(mesh, changes, index=mesh.index)
        yield from changes


def delete(backwards: Change) -> Callable[[Mesh], Iterable[Change]]:
    if backwards.topic == Topic.INTENTIONS:
        return partial(delete_entry, destination=backwards.key[0])
    kind, name = backwards.key
    return partial(config_entries.delete, kind=kind, name=name)


def entries_before(backwards: Iterable[Change]) -> Iterator[Entry]:
    for change in backwards:
        entry = change.after
        if entry is not None:
            assert isinstance(entry, Entry)
            yield entry


def require_token_allowed(mesh: Mesh, backwards: Change, *, now: datetime, by: str) -> None:
    token = backwards.after
    if token is None:
        tuple(delete_token(mesh, backwards.key[0], now=now, by=by))
    elif isinstance(token, Token) and token.is_expired(now):
        raise InvalidError(f"cannot undo it: {subject(backwards)} has expired since")
