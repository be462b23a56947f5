"""The fields of the common kinds that a form offers; all others are in the text."""

from collections.abc import Mapping
from typing import Any

import msgspec

from meshcore.config_entries.types import PROTOCOLS
from meshcore.lib.errors import InvalidError


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """`path` leads to it in the document, with a dot for each level."""

    path: str
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    is_number: bool = False


class Shown(msgspec.Struct, frozen=True):
    field: Field
    value: str


TIMEOUT = "Milliseconds; empty means Envoy's own"
COMMON: Mapping[str, tuple[Field, ...]] = {
    "service-defaults": (
        Field(
            path="Protocol",
            label="Protocol",
            hint="HTTP ones let intentions look at requests",
            choices=PROTOCOLS,
        ),
        Field(path="ExternalSNI", label="External SNI", hint="For calls that leave the mesh"),
        Field(path="MaxInboundConnections", label="Most inbound connections", is_number=True),
        Field(path="LocalConnectTimeoutMs", label="Connect timeout", hint=TIMEOUT, is_number=True),
        Field(path="LocalRequestTimeoutMs", label="Request timeout", hint=TIMEOUT, is_number=True),
    ),
    "proxy-defaults": (
        Field(
            path="Config.protocol",
            label="Protocol of every service",
            hint="Where a service's own defaults do not say another one",
            choices=PROTOCOLS,
        ),
    ),
    "service-resolver": (
        Field(path="DefaultSubset", label="Default subset"),
        Field(path="ConnectTimeout", label="Connect timeout", hint="A duration, such as 5s"),
        Field(path="Redirect.Service", label="Redirect to the service"),
    ),
}


def shown(kind: str, document: Mapping[str, Any]) -> list[Shown]:
    return [Shown(field, text_at(document, field.path)) for field in COMMON.get(kind, ())]


def text_at(document: Mapping[str, Any], path: str) -> str:
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return "" if value in (None, 0) else str(value)


def changed(document: Mapping[str, Any], kind: str, path: str, text: str) -> dict[str, Any]:
    """The document with one field set, or without it where the text is empty."""
    field = next((each for each in COMMON.get(kind, ()) if each.path == path), None)
    if field is None:
        raise InvalidError(f'the form of {kind} has no field "{path}"')
    value: object = text.strip()
    if field.is_number and value:
        if not text.strip().isdecimal():
            raise InvalidError(f'{field.label} is "{text}", and has to be a whole number')
        value = int(text)
    return placed(document, path.split("."), value)


def placed(document: Mapping[str, Any], path: list[str], value: object) -> dict[str, Any]:
    first, *rest = path
    below = document.get(first)
    inner = placed(below if isinstance(below, Mapping) else {}, rest, value) if rest else value
    others = {key: each for key, each in document.items() if key != first or inner}
    return others | ({first: inner} if inner else {})
