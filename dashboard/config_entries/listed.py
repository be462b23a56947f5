"""The list of config entries."""

from urllib.parse import urlencode

import msgspec

from dashboard.pages import Page, PageRequest
from dashboard.tables import Column, Empty, Facet, Table, listing
from meshcore.acl.rules import Access, RuleKind
from meshcore.actions.permissions import to_read
from meshcore.config_entries.types import KINDS, ConfigEntry
from meshcore.lib.records import Record
from meshcore.mesh import watch
from meshcore.mesh.entries import kind_and_name, to_document
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Change, Topic

IDENTITY = ("Kind", "Name", "Meta", "CreateIndex", "ModifyIndex")
INTENTIONS = "service-intentions"  # have pages of their own
LONGEST_SUMMARY = 80


class EntryRow(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """Its fields are what a filter expression may name."""

    kind: str
    name: str
    says: str
    meta: dict[str, str]
    modify_index: int

    @property
    def words(self) -> str:
        return f"{self.kind} {self.name} {self.says}".lower()

    @property
    def meta_pairs(self) -> list[str]:
        return [f"{key}={value}" for key, value in self.meta.items()]

    @property
    def path(self) -> str:
        return edit_path(self.kind, self.name)


def edit_path(kind: str, name: str = "") -> str:
    named = {"kind": kind, "name": name} if name else {"kind": kind}
    return f"/ui/config/edit?{urlencode(named)}"


def config(request: PageRequest) -> Page:
    sight = Sight(request.caller.authorizer)
    entries = request.mesh.config_entries.entries
    rows = [
        entry_row(record)
        for key, record in sorted(entries.items())
        if sight.all_of(to_read(Change(Topic.CONFIG_ENTRY, key, None, record.value)))
    ]
    listed = listing(ENTRIES, rows, request.params, has_hidden=sight.has_hidden)
    kinds = [kind for kind in KINDS if kind != INTENTIONS]
    return Page(
        template="dashboard/config/list.html",
        title="Config entries",
        context={
            "listing": listed,
            "new": [(kind, edit_path(kind)) for kind in kinds],
            "may_write": may_write_any(request),
        },
        watch_keys=(watch.CONFIG_ENTRIES,),
        is_filtered=sight.has_hidden,
        listing=listed,
    )


def may_write_any(request: PageRequest) -> bool:
    """Whether an entry of some kind could be written by this token."""
    authorizer = request.caller.authorizer
    kinds = (RuleKind.SERVICE, RuleKind.MESH, RuleKind.OPERATOR)
    return any(authorizer.allows_any(kind, Access.WRITE) for kind in kinds)


def entry_row(record: Record[ConfigEntry]) -> EntryRow:
    entry = record.value
    kind, name = kind_and_name(entry)
    document = to_document(entry)
    meta = document.get("Meta") or {}
    return EntryRow(
        kind=kind,
        name=name,
        says=summary(document),
        meta={str(key): str(value) for key, value in meta.items()},
        modify_index=record.modify_index,
    )


def summary(document: dict[str, object]) -> str:
    """Its first fields in a line: enough to tell two entries of a kind apart."""
    fields = [
        f"{key}: {briefly(value)}"
        for key, value in document.items()
        if key not in IDENTITY and value not in (None, "", [], {}, 0, False)
    ]
    text = ", ".join(fields)
    return text if len(text) <= LONGEST_SUMMARY else f"{text[: LONGEST_SUMMARY - 1]}…"


def briefly(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(map(str, value))}}}"
    if isinstance(value, list):
        return f"{len(value)} of them" if len(value) > 1 else "one"
    return str(value)


ENTRIES: Table[EntryRow] = Table(
    one="config entry",
    many="config entries",
    row_type=EntryRow,
    words=lambda row: row.words,
    sort="kind",
    columns=(
        Column(
            name="kind",
            label="Kind",
            value=lambda row: row.kind,
            sort=lambda row: (row.kind, row.name),
        ),
        Column(name="name", label="Name", value=lambda row: row.name),
        Column(name="says", label="Says", value=lambda row: row.says),
        Column(name="index", label="Index", value=lambda row: row.modify_index, is_number=True),
        Column(name="meta", label="Meta", value=lambda row: row.meta_pairs, is_optional=True),
    ),
    facets=(
        Facet(name="kind", label="Kind", values=lambda row: (row.kind,)),
        Facet(name="meta", label="Meta", values=lambda row: row.meta_pairs),
    ),
    none_yet=Empty(
        title="No config entries yet",
        text="They tune how services are called: protocols, routes, timeouts, defaults.",
        line="tulle config write service-defaults.hcl",
        icon_name="config",
    ),
)
