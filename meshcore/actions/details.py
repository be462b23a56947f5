"""Changes field by field for people, with what nobody is to read left out."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from meshcore.actions.plan import Difference, differences, document_of
from meshcore.config_entries.types import OtherEntry, ProxyDefaults, ServiceDefaults
from meshcore.intentions.types import ServiceIntentions
from meshcore.lib import durations
from meshcore.mesh.types import Change, Value

HIDDEN = "(hidden)"
SECRET = re.compile(r"secret|passw|private_?key|authorization|credential|api_?key|jwks", re.I)
# Whoever calls a service to check it often proves by a header who he is.
HEADERS = "definition.header."
FOLLOWS = ("certificate_pem", "cross_signed_pem")  # from the serial, and would be noise
EMPTY: tuple[object, ...] = (None, "", (), [], {})
KEPT = (bytes, datetime, timedelta)


def details(change: Change) -> tuple[Difference, ...]:
    """Entries in the vocabulary of their documents, all else in ours."""
    return tuple(_shown(differences(_document(change.before), _document(change.after))))


def _document(value: Value | None) -> Mapping[str, object]:
    if value is None:
        return {}
    if isinstance(value, ServiceDefaults | ProxyDefaults | OtherEntry | ServiceIntentions):
        return document_of(value)
    document: Mapping[str, object] = msgspec.to_builtins(value, builtin_types=KEPT)
    return document


def _shown(found: Iterator[Difference]) -> Iterator[Difference]:
    for each in found:
        is_empty = each.before in EMPTY and each.after in EMPTY
        if not is_empty and each.path not in FOLLOWS:
            before, after = _readable(each.path, each.before), _readable(each.path, each.after)
            yield Difference(each.path, before, after)


def _readable(path: str, value: object) -> object:
    if value is None:
        return None
    if _is_secret(path):
        return HIDDEN
    match value:
        case bytes():  # in no value but as a secret under seal
            return HIDDEN
        case datetime():
            return value.isoformat()
        case timedelta():
            return durations.render(value)
        case Mapping():
            return {key: _readable(f"{path}.{key}", inner) for key, inner in value.items()}
        case list() | tuple():
            return [_readable(path, inner) for inner in value]
    return value


def _is_secret(path: str) -> bool:
    """By the field alone: a service may well be called `secrets`."""
    return path.startswith(HEADERS) or SECRET.search(path.rpartition(".")[2]) is not None
