"""Config entries from the documents that operators write, and back in Consul's JSON shape."""

import difflib
from collections.abc import Mapping
from typing import Any

import msgspec

from meshcore.config_entries.naming import respelled
from meshcore.config_entries.problems import (
    DocumentError,
    Problem,
    as_written,
    plain,
    require_none,
)
from meshcore.config_entries.reading import READ_ONLY, TENANCY, read
from meshcore.config_entries.types import (
    KINDS,
    ConfigEntry,
    OtherEntry,
    ProxyDefaults,
    ServiceDefaults,
)
from meshcore.config_entries.validation import (
    meta_problems,
    proxy_defaults_problems,
    service_defaults_problems,
)

Document = Mapping[str, object]
INTENTIONS_KIND = "service-intentions"


class Rest(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What the entries of all kinds have."""

    name: str
    meta: dict[str, str] = {}


def kind_of(document: Document) -> str:
    """Raise DocumentError, with the known kinds, for a kind that there is not."""
    (path,) = [as_written(("Kind",), document)]
    kind = document.get(str(path[0]))
    if kind is None:
        raise DocumentError([Problem((), "has no Kind, such as service-defaults")])
    if kind not in KINDS:
        close = difflib.get_close_matches(str(kind), KINDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(KINDS)}"
        raise DocumentError([Problem(path, f'unknown kind "{kind}"; {hint}')])
    return str(kind)


def parse(document: Document) -> ConfigEntry:
    """Read an entry of any kind but service-intentions, which have a package of their own."""
    kind = kind_of(document)
    assert kind != INTENTIONS_KIND
    entry: ConfigEntry
    if kind == "service-defaults":
        entry = in_lower_case(read(document, ServiceDefaults))
        problems = service_defaults_problems(entry)
    elif kind == "proxy-defaults":
        entry = read(document, ProxyDefaults)
        problems = proxy_defaults_problems(entry)
    else:
        entry = other(document, kind)
        problems = meta_problems(entry.meta)
    require_none(Problem(as_written(p.path, document), p.sentence) for p in problems)
    return entry


def in_lower_case(entry: ServiceDefaults) -> ServiceDefaults:
    return msgspec.structs.replace(entry, protocol=entry.protocol.lower())


def other(document: Document, kind: str) -> OtherEntry:
    own = {key: value for key, value in document.items() if plain(key) in ("name", "meta")}
    known = read(own, Rest)
    body = {
        key: value
        for key, value in document.items()
        if key not in own and plain(key) not in READ_ONLY | TENANCY
    }
    spelled = respelled(body)
    assert isinstance(spelled, dict)
    return OtherEntry(entry_kind=kind, name=known.name, body=spelled, meta=known.meta)


def to_document(entry: ConfigEntry) -> dict[str, Any]:
    """Write what is set, in Consul's names."""
    if isinstance(entry, OtherEntry):
        document: dict[str, Any] = {"Kind": entry.kind, "Name": entry.name, **entry.body}
        return document | ({"Meta": entry.meta} if entry.meta else {})
    fields: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(entry))
    return {"Kind": entry.kind, "Name": entry.name} | fields
