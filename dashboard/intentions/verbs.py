"""Intentions said and taken back by one button, one or many at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from dashboard.doing import Asked, Done, undoable
from dashboard.intentions.commands import create, delete
from meshcore.actions import intentions
from meshcore.intentions.types import Action, Intention
from meshcore.lib.errors import ConflictError, InvalidError
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh

MOST = 1_000  # intentions at once

Pair = tuple[str, str]  # source and destination


async def put_intention(asked: Asked) -> Done:
    """Allow or deny; permissions and anything else that was said before go, a description stays."""
    action, pairs = action_in(asked), pairs_in(asked)
    is_there = any(asked.mesh.intentions.between(*pair) for pair in pairs)
    say = partial(said, action=action, now=asked.now)
    written = await asked.write(partial(one_after_another, say, pairs))
    verb = "allowed" if action == "allow" else "denied"
    return Done(
        text=f"{subject(pairs)} {verb}" if written.changes else f"{subject(pairs)} {verb} already",
        command=line(pairs, partial(created, action=action, replaces=is_there)),
        undo=undoable(written),
    )


async def create_intention(asked: Asked) -> Done:
    """Refused where there is one, which may say more than these two words."""
    pair = asked.required("source"), asked.required("destination")
    action = action_in(asked)
    new = Intention(
        source=pair[0],
        destination=pair[1],
        action=action,
        description=asked.form.get("description").strip(),
    )
    written = await asked.write(partial(created_anew, intention=new, now=asked.now))
    return Done(
        text=f"{subject([pair])} {'allowed' if action == 'allow' else 'denied'}",
        command=create(new, replaces=False),
        undo=undoable(written),
        go_to="/ui/intentions",
    )


async def delete_intention(asked: Asked) -> Done:
    pairs = pairs_in(asked)
    written = await asked.write(partial(one_after_another, deleted, pairs))
    what = f"Intention {subject(pairs)}" if len(pairs) == 1 else subject(pairs)
    return Done(
        text=f"{what} deleted" if written.changes else f"{what} gone already",
        command=line(pairs, delete),
        undo=undoable(written),
    )


def pairs_in(asked: Asked) -> list[Pair]:
    """`pair` is source and destination with a blank between, once for each intention."""
    pairs = []
    for text in dict.fromkeys(asked.form.all("pair")):
        source, _, destination = text.partition(" ")
        if not (source and destination):
            raise InvalidError(f'"{text}" is no source and destination')
        pairs.append((source, destination))
    if not 0 < len(pairs) <= MOST:
        raise InvalidError(f"{len(pairs)} intentions at once: 1 to {MOST} are possible")
    return pairs


def action_in(asked: Asked) -> Action:
    match asked.required("action"):
        case "allow":
            return "allow"
        case "deny":
            return "deny"
        case other:
            raise InvalidError(f'action is "{other}": it is either allow or deny')


def one_after_another(
    of_one: Callable[[Mesh, Pair], Iterable[Change]], pairs: Iterable[Pair], mesh: Mesh
) -> Iterator[Change]:
    """Each on what the one before has left: two may be toward the same destination.

    The log is told of a destination once, from what it was to what it is in the end.
    """
    changed: dict[tuple[str, ...], Change] = {}
    here = mesh
    for pair in pairs:
        for change in of_one(here, pair):
            first = changed.get(change.key)
            changed[change.key] = replace(change, before=first.before if first else change.before)
            here = apply(here, [change], index=mesh.index)
    return (change for change in changed.values() if change.before != change.after)


def said(mesh: Mesh, pair: Pair, *, action: Action, now: datetime) -> Iterator[Change]:
    former = mesh.intentions.between(*pair) or Intention(source=pair[0], destination=pair[1])
    intention = replace(former, action=action, permissions=())
    return intentions.upsert(mesh, intention, now=now)


def created_anew(mesh: Mesh, *, intention: Intention, now: datetime) -> Iterator[Change]:
    former = mesh.intentions.between(intention.source, intention.destination)
    if former is not None:
        raise ConflictError(
            f"there is an intention from {intention.source} to {intention.destination} already,"
            f" which says {former.action or 'by request'}: edit it"
        )
    return intentions.upsert(mesh, intention, now=now)


def deleted(mesh: Mesh, pair: Pair) -> Iterator[Change]:
    return intentions.delete(mesh, *pair)


def subject(pairs: Sequence[Pair]) -> str:
    return f"{pairs[0][0]} → {pairs[0][1]}" if len(pairs) == 1 else f"{len(pairs)} intentions"


def line(pairs: Sequence[Pair], of_one: Callable[[str, str], str]) -> str:
    """More than one would be no line."""
    return of_one(*pairs[0]) if len(pairs) == 1 else ""


def created(source: str, destination: str, *, action: Action, replaces: bool) -> str:
    intention = Intention(source=source, destination=destination, action=action)
    return create(intention, replaces=replaces)
