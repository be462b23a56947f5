"""Documents as people write them, into the shape that a struct decodes from.

Keys may be CamelCase (Consul's JSON), snake_case (HCL) or camelCase (Kubernetes), null is unset,
one HCL block stands for a list of one, and numbers may come as text; all else is a problem with
a path.
"""

import difflib
import json
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import TypeVar

import msgspec
from msgspec import inspect

from meshcore.config_entries.naming import OPAQUE, respelled
from meshcore.config_entries.problems import DocumentError, Path, Problem, as_written, plain
from meshcore.lib import durations

Form = TypeVar("Form", bound=msgspec.Struct)

# Consul gives these back with an entry, so they come in again when it is written.
READ_ONLY = frozenset({"createindex", "modifyindex", "hash", "kind"})
TENANCY = frozenset({"namespace", "partition"})
DURATIONS = frozenset({"interval", "base_ejection_time"})


def read(document: Mapping[str, object], form: type[Form]) -> Form:
    """Raise DocumentError with all problems, their paths spelled as in the document."""
    reader = Reader()
    shape = structure(form)
    built = reader.struct(document, shape, ())
    if reader.problems:
        raise DocumentError(
            Problem(as_written(p.path, document), p.sentence) for p in reader.problems
        )
    if shape.tag_field is not None:
        built[shape.tag_field] = shape.tag
    return msgspec.convert(built, form)


@lru_cache(maxsize=64)
def structure(form: type[msgspec.Struct]) -> inspect.StructType:
    shape = inspect.type_info(form)
    assert isinstance(shape, inspect.StructType)
    return shape


class Reader:
    """Goes on after a problem, to name them all at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, at: Path, sentence: str) -> None:
        self.problems.append(Problem(at, sentence))

    def struct(self, value: object, shape: inspect.StructType, at: Path) -> dict[str, object]:
        if not isinstance(value, Mapping):
            self.refuse(at, f"must be an object, not {kind_of(value)}")
            return {}
        fields = {plain(field.encode_name): field for field in shape.fields}
        built: dict[str, object] = {}
        for key, inner in value.items():
            name = plain(str(key))
            field = fields.get(name)
            if field is None:
                self.unknown(str(key), inner, fields, at)
            elif field.encode_name in built:
                self.refuse((*at, str(key)), "stands here twice, in two spellings")
            elif inner is not None:
                built[field.encode_name] = self.value(inner, field, (*at, str(key)))
        for field in fields.values():
            if field.required and field.encode_name not in built:
                self.refuse((*at, field.encode_name), "is required")
        return built

    def unknown(
        self, key: str, value: object, fields: Mapping[str, inspect.Field], at: Path
    ) -> None:
        if plain(key) in TENANCY:
            if value not in (None, "", "default"):
                self.refuse((*at, key), f"must be default: there is only one {plain(key)}")
            return
        if plain(key) in READ_ONLY and not at:
            return
        close = difflib.get_close_matches(plain(key), fields, n=1)
        hint = f"; did you mean {in_style_of(key, fields[close[0]])}?" if close else ""
        self.refuse((*at, key), f"unknown field{hint}")

    def value(self, value: object, field: inspect.Field, at: Path) -> object:
        if field.name in DURATIONS and isinstance(value, int) and not isinstance(value, bool):
            return durations.render(timedelta(microseconds=value / 1000))
        return self.typed(value, without_none(field.type), at)

    def typed(self, value: object, shape: inspect.Type, at: Path) -> object:
        match shape:
            case inspect.StructType():
                return self.struct(value, shape, at)
            case inspect.VarTupleType():
                return self.items(value, shape, at)
            case inspect.DictType():
                return self.mapping(value, shape, at)
            case inspect.StrType():
                return self.scalar(value, str, "text", at)
            case inspect.BoolType():
                known: object = {"true": True, "false": False}.get(str(value).lower(), value)
                return self.scalar(known, bool, "true or false", at)
            case inspect.IntType():
                return self.scalar(whole(value), int, "a whole number", at)
        raise AssertionError(f"no document has a field of {shape}")

    def items(self, value: object, shape: inspect.VarTupleType, at: Path) -> list[object]:
        items = [value] if isinstance(value, Mapping) else value
        if not isinstance(items, list):
            self.refuse(at, f"must be a list, not {kind_of(value)}")
            return []
        return [self.typed(item, shape.item_type, (*at, i)) for i, item in enumerate(items)]

    def mapping(self, value: object, shape: inspect.DictType, at: Path) -> dict[str, object]:
        if not isinstance(value, Mapping):
            self.refuse(at, f"must be an object, not {kind_of(value)}")
            return {}
        if isinstance(shape.value_type, inspect.StrType):
            return {
                str(key): self.scalar(inner, str, "text", (*at, str(key)))
                for key, inner in value.items()
            }
        own_words = at and plain(str(at[-1])) in OPAQUE
        spelled = dict(value) if own_words else respelled(value)
        assert isinstance(spelled, dict)
        return spelled

    def scalar(self, value: object, wanted: type, name: str, at: Path) -> object:
        if type(value) is wanted:
            return value
        self.refuse(at, f"must be {name}, not {kind_of(value)}")
        return wanted()


def without_none(shape: inspect.Type) -> inspect.Type:
    if not isinstance(shape, inspect.UnionType):
        return shape
    (only,) = [one for one in shape.types if not isinstance(one, inspect.NoneType)]
    return only


def whole(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.removeprefix("-").isascii() and value.isdigit():
        return int(value)
    return value


def kind_of(value: object) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return json.dumps(value, default=str)


def in_style_of(key: str, field: inspect.Field) -> str:
    if key[:1].isupper():
        return field.encode_name
    if "_" in key:
        return field.name
    first, *rest = field.name.split("_")
    return first + "".join(word.capitalize() for word in rest)
