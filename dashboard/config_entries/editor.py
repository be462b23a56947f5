"""One config entry as a text, checked and compared while it is typed."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Literal, get_args

import msgspec

from dashboard.config_entries import fields
from dashboard.config_entries.fields import Shown
from meshcore.actions import config_entries as actions
from meshcore.actions.permissions import to_write
from meshcore.config_entries import writing
from meshcore.config_entries.texts import Mistake
from meshcore.config_entries.types import ConfigEntry
from meshcore.intentions.types import ServiceIntentions
from meshcore.lib.errors import InvalidError, MeshError
from meshcore.lib.records import Record
from meshcore.mesh.entries import Entry, kind_and_name
from meshcore.mesh.texts import as_hcl, as_yaml, read, written
from meshcore.mesh.types import Change, Mesh
from meshcore.store.callers import Caller

Language = Literal["hcl", "yaml", "json"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
EXAMPLES: Mapping[str, dict[str, Any]] = {
    "service-defaults": {"Protocol": "http"},
    "service-resolver": {"ConnectTimeout": "5s"},
    "service-router": {
        "Routes": [
            {
                "Match": {"HTTP": {"PathPrefix": "/admin"}},
                "Destination": {"Service": "admin"},
            }
        ]
    },
    "service-splitter": {
        "Splits": [
            {"Weight": 90, "ServiceSubset": "v1"},
            {"Weight": 10, "ServiceSubset": "v2"},
        ]
    },
}
FIXED_NAMES = {"proxy-defaults": "global", "mesh": "mesh", "exported-services": "default"}
SOME_NAME = "web"


class DiffLine(msgspec.Struct, frozen=True):
    mark: Literal["same", "added", "removed"]
    text: str


class Editor(msgspec.Struct, frozen=True, kw_only=True):
    """What the template shows: the text, and what saving it would do."""

    kind: str
    name: str  # empty for one that is new
    index: int  # at which the entry was read; 0 for one that is new
    text: str
    language: Language
    mistakes: tuple[Mistake, ...]
    refusal: str
    diff: tuple[DiffLine, ...]
    fields: tuple[Shown, ...]
    is_changed: bool
    may_write: bool
    overtaken: bool = False  # somebody else has written it since

    @property
    def can_save(self) -> bool:
        return self.is_changed and self.may_write and not (self.mistakes or self.refusal)

    @property
    def command(self) -> str:
        return f"tulle config write {self.kind}.{self.language}"


def begun(mesh: Mesh, caller: Caller, *, kind: str, name: str, language: Language) -> Editor:
    """The entry as it is, or an example of one that is new."""
    record = mesh.config_entries.entries.get((kind, name))
    if record is not None:
        text = text_of(record.value, language)
    else:
        wanted = name or FIXED_NAMES.get(kind, SOME_NAME)
        text = rendered({"Kind": kind, "Name": wanted} | EXAMPLES.get(kind, {}), language)
    return edited(
        mesh, caller, kind=kind, name=name, index=index_of(record), text=text, language=language
    )


def edited(
    mesh: Mesh, caller: Caller, *, kind: str, name: str, index: int, text: str, language: Language
) -> Editor:
    record = mesh.config_entries.entries.get((kind, name))
    asked = read(text, name=f"{kind}.{language}")
    outcome = Outcome() if asked.mistakes else outcome_of(mesh, asked.entries, kind=kind, name=name)
    entry = outcome.entry
    before = text_of(record.value, language) if record else ""
    return Editor(
        kind=kind,
        name=name,
        index=index,
        text=text,
        language=language,
        mistakes=tuple(asked.mistakes),
        refusal=outcome.refusal,
        diff=tuple(difference(before, text_of(entry, language)))
        if entry and outcome.changes
        else (),
        fields=tuple(fields.shown(kind, written(entry) if entry else {})),
        is_changed=bool(outcome.changes),
        may_write=may_write(caller, outcome.changes),
        overtaken=index != index_of(record),
    )


class Outcome(msgspec.Struct, frozen=True):
    """What saving would change, or why it is refused; neither of a text with mistakes."""

    entry: ConfigEntry | None = None
    changes: tuple[Change, ...] = ()
    refusal: str = ""


def outcome_of(mesh: Mesh, entries: list[Entry], *, kind: str, name: str) -> Outcome:
    try:
        entry = the_one(entries, kind=kind, name=name)
        return Outcome(entry, tuple(actions.put(mesh, entry)))
    except MeshError as error:
        return Outcome(refusal=str(error))


def may_write(caller: Caller, changes: Iterable[Change]) -> bool:
    rules = (rule for change in changes for rule in to_write(change))
    return all(caller.may(rule.kind, rule.access, rule.segment) for rule in rules)


def the_one(entries: list[Entry], *, kind: str, name: str) -> ConfigEntry:
    """Raise InvalidError for anything but one entry, of this kind and name."""
    if len(entries) != 1:
        raise InvalidError(f"one config entry is wanted here, not {len(entries)}")
    entry = entries[0]
    found_kind, found_name = kind_and_name(entry)
    if isinstance(entry, ServiceIntentions):
        raise InvalidError("intentions are edited on their own page")
    if found_kind != kind:
        raise InvalidError(f"this page is about {kind}, and the text about {found_kind}")
    if name and found_name != name:
        raise InvalidError(f'this page is about "{name}", and the text about "{found_name}"')
    return entry


def with_field(text: str, *, kind: str, path: str, value: str, language: Language) -> str:
    """The text with one field changed by the form; a text with mistakes is left as it is."""
    asked = read(text, name=f"{kind}.{language}")
    if asked.mistakes or len(asked.entries) != 1:
        raise InvalidError("the text has mistakes: mend them before the form changes it")
    return rendered(fields.changed(written(asked.entries[0]), kind, path, value), language)


def text_of(entry: ConfigEntry, language: Language) -> str:
    if language == "yaml":
        return as_yaml(entry)
    return as_hcl(entry) if language == "hcl" else rendered(written(entry), "json")


def rendered(document: Mapping[str, Any], language: Language) -> str:
    if language == "json":
        return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
    return writing.yaml(document) if language == "yaml" else writing.hcl(document)


def index_of(record: Record[ConfigEntry] | None) -> int:
    return record.modify_index if record else 0


def difference(before: str, after: str) -> Iterator[DiffLine]:
    old, new = before.splitlines(), after.splitlines()
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (DiffLine("same", line) for line in old[i:j])
            continue
        yield from (DiffLine("removed", line) for line in old[i:j])
        yield from (DiffLine("added", line) for line in new[k:m])
