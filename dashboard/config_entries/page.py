"""The page of one config entry: its editor, and how it came to be what it is."""

from datetime import datetime

import msgspec

from dashboard.config_entries.editor import (
    LANGUAGES,
    Editor,
    Language,
    begun,
    edited,
    may_write,
    text_of,
)
from dashboard.config_entries.listed import INTENTIONS
from dashboard.pages import Page, PageRequest
from meshcore.actions.details import details
from meshcore.actions.permissions import to_read
from meshcore.actions.plan import Difference
from meshcore.config_entries.types import (
    KINDS,
    ConfigEntry,
    OtherEntry,
    ProxyDefaults,
    ServiceDefaults,
)
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.types import Change, Topic
from meshcore.store.callers import Caller
from meshcore.store.history import Wanted

SHOWN = 10  # versions in the history


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """The entry as one write left it; `text` is empty where that write deleted it."""

    index: int
    at: datetime
    actor: str
    reason: str
    text: str
    differences: tuple[Difference, ...]


def edit(request: PageRequest) -> Page:
    kind, name = request.params.get("kind"), request.params.get("name")
    if kind == INTENTIONS or kind not in KINDS:
        raise NotFoundError(f'there is no kind "{kind}" of config entries to edit here')
    language = language_in(request.params.get("language") or "hcl")
    record = request.mesh.config_entries.entries.get((kind, name))
    for entry in (record.value,) if record else ():
        require_read(request.caller, entry)
    shown = begun(request.mesh, request.caller, kind=kind, name=name, language=language)
    versions = history(request, kind, name, language) if name else []
    wanted = request.params.get("at")
    if wanted:
        shown = as_of(request, shown, versions, wanted)
    return Page(
        template="dashboard/config/edit.html",
        title=name or f"New {kind}",
        context={
            "editor": shown,
            "languages": LANGUAGES,
            "exists": record is not None,
            "modified_at": record.modify_index if record else 0,
            "versions": versions,
            "may_delete": record is not None
            and may_write(request.caller, [deletion(kind, name, record.value)]),
        },
        watch_keys=(watch.config_entry(kind, name),) if name else (),
    )


def deletion(kind: str, name: str, entry: ConfigEntry) -> Change:
    return Change(Topic.CONFIG_ENTRY, (kind, name), entry, None)


def require_read(caller: Caller, entry: ConfigEntry) -> None:
    for rule in to_read(Change(Topic.CONFIG_ENTRY, (), None, entry)):
        caller.require(rule.kind, rule.access, rule.segment)


def language_in(text: str) -> Language:
    found = next((each for each in LANGUAGES if each == text), None)
    if found is None:
        raise InvalidError(f'"{text}" is no form of a config entry: {", ".join(LANGUAGES)}')
    return found


def history(request: PageRequest, kind: str, name: str, language: Language) -> list[Version]:
    """Newest first, of the writes that the caller may see."""
    caller = request.caller
    found = request.facts.history.older(
        Wanted(topics=frozenset((Topic.CONFIG_ENTRY,)), name=name),
        before=request.mesh.index + 1,
        limit=SHOWN,
        may_see=lambda change: all(
            caller.may(rule.kind, rule.access, rule.segment) for rule in to_read(change)
        ),
    )
    versions = []
    for entry in found.entries:
        change = next((each for each in entry.changes if each.key == (kind, name)), None)
        if change is not None:
            versions.append(
                Version(
                    index=entry.index,
                    at=entry.at,
                    actor=entry.actor,
                    reason=entry.reason,
                    text=text_after(change, language),
                    differences=details(change),
                )
            )
    return versions


def text_after(change: Change, language: Language) -> str:
    after = change.after
    if isinstance(after, ServiceDefaults | ProxyDefaults | OtherEntry):
        return text_of(after, language)
    return ""


def as_of(request: PageRequest, shown: Editor, versions: list[Version], wanted: str) -> Editor:
    """The editor with an older version in it, ready to be saved again."""
    version = next((each for each in versions if str(each.index) == wanted), None)
    if version is None or not version.text:
        raise NotFoundError(f"{shown.kind}/{shown.name} was not written by change {wanted}")
    return edited(
        request.mesh,
        request.caller,
        kind=shown.kind,
        name=shown.name,
        index=shown.index,
        text=version.text,
        language=shown.language,
    )
