"""What saving a draft would do, and the action that does it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from dashboard.intentions.commands import command, file_name
from dashboard.intentions.draft import Draft, entry_of
from dashboard.intentions.effects import Effects, effects
from dashboard.intentions.typed import Language
from meshcore.actions import intentions
from meshcore.intentions.types import WILDCARD, ServiceIntentions
from meshcore.lib.errors import InvalidError
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Change, Mesh
from meshcore.store.callers import Caller
from meshcore.topology.graph import service_names


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """`refusal` is what forbids it, beside what is said at the fields of the form."""

    effects: Effects = Effects()
    refusal: str = ""
    command: str
    file_name: str
    is_change: bool

    @property
    def takes_file(self) -> bool:
        return self.command.endswith(self.file_name)


def saving(
    mesh: Mesh,
    caller: Caller,
    draft: Draft,
    *,
    is_valid: bool,
    language: Language,
    now: datetime,
    default_allow: bool,
) -> Saving:
    present = mesh.intentions.to(draft.destination)
    wanted = entry_of(draft, present)
    changes, refusal = tried(mesh, draft, now=now) if is_valid else ((), "")
    return Saving(
        effects=effects(
            mesh,
            changes,
            services=concerned(mesh, caller, wanted),
            default_allow=default_allow,
        ),
        refusal=refusal,
        command=command(present, wanted, language=language),
        file_name=file_name(draft.destination, language),
        is_change=bool(changes or refusal or not is_valid),
    )


def write(mesh: Mesh, draft: Draft, *, now: datetime, cas: int | None) -> Iterator[Change]:
    """The action of Save; without a source, nothing is kept of the entry."""
    wanted = entry_of(draft, mesh.intentions.to(draft.destination))
    if wanted.intentions:
        return intentions.put_entry(mesh, wanted, now=now, cas=cas)
    return intentions.delete_entry(mesh, draft.destination, cas=cas)


def tried(mesh: Mesh, draft: Draft, *, now: datetime) -> tuple[tuple[Change, ...], str]:
    """What saving it would change, or why it would be refused."""
    try:
        return tuple(write(mesh, draft, now=now, cas=None)), ""
    except InvalidError as refusal:
        return (), str(refusal)


def command_of(draft: Draft, before: ServiceIntentions | None) -> str:
    return command(before, entry_of(draft, before), language="yaml")


def concerned(mesh: Mesh, caller: Caller, entry: ServiceIntentions) -> set[str]:
    """All that is registered, and what is named here before it is."""
    named = {entry.destination, *(each.source for each in entry.intentions)} - {WILDCARD, ""}
    return set(visible(caller, service_names(mesh.registry) | named))


def visible(caller: Caller, names: Iterable[str]) -> list[str]:
    return Sight(caller.authorizer).services(names)
