"""Reading JSON as Consul does: names in any case, snake_case too, null for what is not given.

Most clients write Consul's own spelling, which msgspec decodes straight into values. What that
refuses is read again with its names brought into that spelling; only then is it an error.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from meshcore.lib import durations
from meshcore.lib.errors import InvalidError
from meshcore.wire.errors import Refusal, undecodable

Wanted = TypeVar("Wanted")
DurationIn = str | int | float | None
DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {}
FIELDS: dict[type[Any], dict[str, inspect.Field]] = {}
ANY_CASE = str.maketrans("", "", "_")


def _decoder(wanted: type[Any]) -> msgspec.json.Decoder[Any]:
    known = DECODERS.get(wanted)
    if known is None:
        known = DECODERS[wanted] = msgspec.json.Decoder(wanted)
    return known


def decode(body: bytes, wanted: type[Wanted], *, what: str = "Request decode") -> Wanted:
    """Refuse with 400 what cannot be read."""
    if not body:
        raise Refusal(400, f"{what} failed: EOF")
    try:
        found: Wanted = _decoder(wanted).decode(body)
        return found
    except msgspec.ValidationError:
        return _decoded_leniently(body, wanted, what=what)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise undecodable(ValueError(str(error)), what=what) from error


def unknown_fields(body: bytes, wanted: type[Any]) -> list[str]:
    """The names in a JSON object that a lenient reading leaves out."""
    document = msgspec.json.decode(body)
    known = _fields(wanted)
    names = document if isinstance(document, dict) else ()
    return [name for name in names if _folded(name) not in known]


def seconds(value: DurationIn, *, what: str) -> float:
    """Go's JSON takes a duration as text, or as a number of nanoseconds."""
    if not value:
        return 0.0
    if isinstance(value, str):
        try:
            return durations.parse(value).total_seconds()
        except InvalidError as error:
            raise Refusal(400, f"Request decode failed: {what}: {error}") from error
    return value / 1e9


def _decoded_leniently(body: bytes, wanted: type[Wanted], *, what: str) -> Wanted:
    try:
        return msgspec.convert(
            canonical(msgspec.json.decode(body), inspect.type_info(wanted)), wanted
        )
    except (msgspec.ValidationError, RecursionError) as error:
        raise undecodable(ValueError(str(error)), what=what) from error


def canonical(value: Any, wanted: inspect.Type) -> Any:  # noqa: ANN401 - any JSON
    """Bring the names of fields into their own spelling, and leave out the unknown and the null."""
    if isinstance(wanted, inspect.UnionType):
        return _canonical_of_union(value, wanted)
    if isinstance(wanted, inspect.StructType) and isinstance(value, dict):
        fields = _fields(wanted.cls)
        known = ((fields.get(_folded(name)), inner) for name, inner in value.items())
        return {
            field.encode_name: canonical(inner, field.type)
            for field, inner in known
            if field is not None and inner is not None
        }
    if isinstance(wanted, inspect.ListType | inspect.VarTupleType) and isinstance(value, list):
        return [canonical(item, wanted.item_type) for item in value]
    if isinstance(wanted, inspect.DictType) and isinstance(value, dict):
        return {name: canonical(inner, wanted.value_type) for name, inner in value.items()}
    return value


def _canonical_of_union(value: Any, wanted: inspect.UnionType) -> Any:  # noqa: ANN401 - any JSON
    shaped = (inspect.StructType, inspect.ListType, inspect.VarTupleType, inspect.DictType)
    for option in wanted.types:
        if isinstance(option, shaped):
            return canonical(value, option)
    return value


def _fields(struct: type[Any]) -> dict[str, inspect.Field]:
    known = FIELDS.get(struct)
    if known is None:
        found = inspect.type_info(struct)
        assert isinstance(found, inspect.StructType)
        known = FIELDS[struct] = {_folded(field.encode_name): field for field in found.fields}
    return known


def _folded(name: str) -> str:
    return name.translate(ANY_CASE).lower()
