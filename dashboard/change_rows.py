"""Entries of the log as rows: in words, with before and after, and whether they can be undone."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from meshcore.acl.rules import Access, RuleKind
from meshcore.actions.concerning import names
from meshcore.actions.details import details
from meshcore.actions.permissions import to_write
from meshcore.actions.undo import undo
from meshcore.actions.wording import sentences
from meshcore.lib.errors import MeshError
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.store.callers import Caller
from meshcore.store.log import Entry

KINDS = {
    Topic.NODE: "nodes",
    Topic.INSTANCE: "instances",
    Topic.CHECK: "checks",
    Topic.CONFIG_ENTRY: "config entries",
    Topic.INTENTIONS: "intentions",
    Topic.TRUST: "certificates",
    Topic.ROOT: "certificates",
    Topic.LEAF: "certificates",
    Topic.TOKEN: "access",
    Topic.POLICY: "access",
    Topic.ROLE: "access",
    Topic.AUTH_METHOD: "access",
    Topic.BINDING_RULE: "access",
    Topic.BOOTSTRAP: "access",
    Topic.PLACE: "graph",
}
SAID = (Topic.CHECK, Topic.INTENTIONS, Topic.ROOT, Topic.LEAF)  # whose sentences say what differs
MOST_SUMMED_UP = 2
MOST_SAID = 4  # sentences of one entry in a list
OF_TOKEN = "token "  # noqa: S105 what stands before the accessor of who wrote
SHORT = 8


class ChangeRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """One entry; its fields are what a filter expression may name."""

    index: int
    at: str
    actor: str
    reason: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    changes: tuple[str, ...]  # one sentence or more for each
    when: datetime
    who: str

    @property
    def id(self) -> str:
        """As a name in a template, where a number would get separators."""
        return str(self.index)

    @property
    def first(self) -> tuple[str, ...]:
        return self.changes[:MOST_SAID]

    @property
    def more(self) -> int:
        return len(self.changes) - len(self.first)

    @property
    def words(self) -> str:
        return " ".join((*self.changes, self.who, self.actor, self.reason)).lower()


class Difference(msgspec.Struct, frozen=True):
    path: str
    before: str | None
    after: str | None


class ChangeDetail(msgspec.Struct, frozen=True):
    sentences: tuple[str, ...]
    kind: str
    differences: tuple[Difference, ...]


class Undoing(msgspec.Struct, frozen=True):
    """`refusal` is why it is impossible; offered to nobody who may not do it anyway."""

    is_offered: bool = False
    refusal: str = ""


def row_of(entry: Entry, mesh: Mesh, caller: Caller) -> ChangeRow:
    changes = entry.changes
    return ChangeRow(
        index=entry.index,
        at=entry.at.isoformat(),
        actor=entry.actor,
        reason=entry.reason,
        kinds=tuple(dict.fromkeys(KINDS[change.topic] for change in changes)),
        names=tuple(sorted({name for change in changes for name in names(change)})),
        changes=tuple(sentence for change in changes for sentence in sentences(change)),
        when=entry.at,
        who=who(entry.actor, mesh, caller),
    )


def who(actor: str, mesh: Mesh, caller: Caller) -> str:
    """Tokens by what they are called, where the reader may know it."""
    if not actor.startswith(OF_TOKEN):
        return actor
    accessor_id = actor.removeprefix(OF_TOKEN)
    token = mesh.acl.token(accessor_id)
    is_own = accessor_id == caller.accessor_id
    if token and token.description and (is_own or caller.may(RuleKind.ACL, Access.READ)):
        return token.description
    return f"{OF_TOKEN}{accessor_id[:SHORT]}"


def undoing(entry: Entry, mesh: Mesh, caller: Caller, *, now: datetime) -> Undoing:
    if entry.hidden or not all(_may_write(change, caller) for change in entry.changes):
        return Undoing()
    try:
        is_left = bool(undo(mesh, entry.changes, now=now, by=caller.accessor_id))
    except MeshError as error:
        return Undoing(is_offered=True, refusal=str(error))
    return Undoing(is_offered=True, refusal="" if is_left else "nothing of it is left to undo")


def _may_write(change: Change, caller: Caller) -> bool:
    return all(caller.may(rule.kind, rule.access, rule.segment) for rule in to_write(change))


def detail(change: Change) -> ChangeDetail:
    return ChangeDetail(sentences(change), KINDS[change.topic], tuple(differences(change)))


def differences(change: Change) -> Iterator[Difference]:
    for each in details(change):
        yield Difference(each.path, _text(each.before), _text(each.after))


def summary(changes: Sequence[Change]) -> tuple[Difference, ...]:
    """What a list shows of an entry beside its sentences: a field or two of a value that stayed."""
    for change in changes:
        if change.before is not None and change.after is not None and change.topic not in SAID:
            found = tuple(differences(change))
            return found if len(found) <= MOST_SUMMED_UP else ()
    return ()


def _text(value: object) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case list() | tuple() if all(isinstance(item, str) for item in value):
            return ", ".join(value) or "none"
        case list() | tuple() | dict():
            return msgspec.json.encode(value).decode() if value else "none"
    return str(value)
