"""Many documents at once: what they would change, to be read before all of it is written."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from dashboard.pages import Page, PageRequest
from meshcore.actions import config_entries
from meshcore.actions.permissions import to_write
from meshcore.actions.plan import Planned, plan
from meshcore.config_entries.kubernetes import Skipped
from meshcore.config_entries.texts import Mistake
from meshcore.lib.errors import MeshError
from meshcore.mesh.entries import Entry
from meshcore.mesh.texts import read
from meshcore.mesh.types import Change, Mesh
from meshcore.store.callers import Caller

NAME = "intentions.yaml"  # what the text is called where its mistakes are told


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """`refusal` is why it cannot be written, beside the mistakes of the text itself."""

    text: str = ""
    entries: tuple[Entry, ...] = ()
    plan: tuple[Planned, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    refusal: str = ""

    @property
    def counts(self) -> dict[str, int]:
        outcomes = [each.outcome for each in self.plan]
        return {outcome: outcomes.count(outcome) for outcome in ("created", "changed", "unchanged")}

    @property
    def can_apply(self) -> bool:
        is_wrong = self.mistakes or self.refusal
        return not is_wrong and any(each.outcome != "unchanged" for each in self.plan)


def page(request: PageRequest) -> Page:
    return Page(
        template="dashboard/intentions/import.html",
        title="Import intentions",
        context={"shown": Import()},
        watch_keys=(),
    )


def planned(mesh: Mesh, caller: Caller, text: str, *, now: datetime) -> Import:
    """What is there before is shown to whoever may write it, and to nobody else."""
    asked = read(text, name=NAME)
    found = Import(
        text=text,
        entries=tuple(asked.entries),
        skipped=tuple(asked.skipped),
        mistakes=tuple(asked.mistakes),
    )
    if found.mistakes or not found.entries:
        return found
    try:
        changes = changed(mesh, caller, found.entries, now=now)
    except MeshError as refusal:
        return msgspec.structs.replace(found, refusal=str(refusal))
    return msgspec.structs.replace(found, plan=plan(found.entries, changes))


def changed(
    mesh: Mesh, caller: Caller, entries: Sequence[Entry], *, now: datetime
) -> Iterable[Change]:
    changes = config_entries.apply(mesh, entries, now=now)
    for rule in (rule for change in changes for rule in to_write(change)):
        caller.require(rule.kind, rule.access, rule.segment)
    return changes
