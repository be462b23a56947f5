"""Filter expressions in the language of go-bexpr, compiled against the type of what they filter.

    Service.Meta.version == "2" and not (Checks.Status == critical or "v1" in Service.Tags)

Selectors are resolved when the expression is compiled, so that a misspelt field is an error even
where there is nothing to filter. Parsing is in bexpr_syntax.py.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import re2  # type: ignore[import-untyped]  # google-re2 ships no stubs
from msgspec import UNSET, inspect

from meshcore.lib.bexpr_syntax import And, Expression, Match, Not, Operator, Or, parse
from meshcore.lib.errors import InvalidError

Predicate = Callable[[Any], bool]
Test = Callable[[Any], bool]  # of the values that a selector leads to

MISSING = object()
REGEX_OPTIONS = re2.Options()
REGEX_OPTIONS.log_errors = False  # they are told to who wrote the expression
REGEX_OPTIONS.max_mem = 1 << 20
ATTRIBUTES: dict[type[Any], dict[str, str]] = {}  # a struct's, by the names in its JSON
MAX_LENGTH = 16 * 1024
TRUE = ("1", "t", "T", "TRUE", "true", "True")
FALSE = ("0", "f", "F", "FALSE", "false", "False")
SCALARS = (inspect.StrType, inspect.LiteralType, inspect.EnumType)
LISTS = (inspect.ListType, inspect.VarTupleType)
OPERATORS = {
    "==": "Equal",
    "!=": "Not Equal",
    "in": "In",
    "not in": "Not In",
    "is empty": "Is Empty",
    "is not empty": "Is Not Empty",
    "matches": "Matches",
    "not matches": "Not Matches",
}
# The operators with which each kind of field can be asked; the negated ones stand beside theirs.
FOR_TEXT = ("==", "!=", "in", "not in", "matches", "not matches")
FOR_NUMBERS = ("==", "!=")
FOR_COLLECTIONS = ("in", "not in", "is empty", "is not empty")
NEGATED: dict[Operator, Operator] = {
    "!=": "==",
    "not in": "in",
    "is not empty": "is empty",
    "not matches": "matches",
}


def compile_filter(text: str, rows: type[Any]) -> Predicate:
    """Raise InvalidError for what is no expression, or none over these rows."""
    if len(text) > MAX_LENGTH:
        raise InvalidError(f"the expression is longer than {MAX_LENGTH} characters")
    try:
        return _compiled(parse(text), inspect.type_info(rows))
    except RecursionError as error:
        raise InvalidError("the expression is nested too deeply") from error


def _compiled(expression: Expression, rows: inspect.Type) -> Predicate:
    match expression:
        case And(left, right):
            return partial(_both, _compiled(left, rows), _compiled(right, rows))
        case Or(left, right):
            return partial(_either, _compiled(left, rows), _compiled(right, rows))
        case Not(operand):
            return partial(_neither, _compiled(operand, rows))
        case Match():
            return _compiled_match(expression, rows)


def _both(left: Predicate, right: Predicate, row: object) -> bool:
    return left(row) and right(row)


def _either(left: Predicate, right: Predicate, row: object) -> bool:
    return left(row) or right(row)


def _neither(operand: Predicate, row: object) -> bool:
    return not operand(row)


def _compiled_match(match: Match, rows: inspect.Type) -> Predicate:
    leaf = _leaf(rows, match.selector, match)
    test = _test(match, leaf)
    attributes = match.selector

    def holds(row: object) -> bool:
        return any(test(value) for value in _values(row, attributes))

    return holds


def _leaf(wanted: inspect.Type, path: tuple[str, ...], match: Match) -> inspect.Type:
    """Follow the selector through the types to the field that it names."""
    wanted = _plain(wanted)
    if not path:
        return wanted
    if isinstance(wanted, LISTS) and isinstance(_plain(wanted.item_type), inspect.StructType):
        return _leaf(wanted.item_type, path, match)
    if isinstance(wanted, inspect.StructType):
        for field in wanted.fields:
            if field.encode_name == path[0]:
                return _leaf(field.type, path[1:], match)
    if isinstance(wanted, inspect.DictType):
        return _leaf(wanted.value_type, path[1:], match)
    raise InvalidError(f'Selector "{match.written}" is not valid')


def _plain(wanted: inspect.Type) -> inspect.Type:
    """Without the None or UNSET that stand for a field that is left out."""
    if not isinstance(wanted, inspect.UnionType):
        return wanted
    absent = (inspect.NoneType, inspect.CustomType)
    shaped = [
        option
        for option in wanted.types
        if not isinstance(option, absent) and "Unset" not in type(option).__name__
    ]
    return shaped[0] if shaped else wanted


def _attribute(struct: type[Any], name: str) -> str:
    known = ATTRIBUTES.get(struct)
    if known is None:
        known = {field.encode_name: field.name for field in msgspec.structs.fields(struct)}
        ATTRIBUTES[struct] = known
    return known[name]


def _values(value: Any, path: tuple[str, ...]) -> Iterator[Any]:  # noqa: ANN401 - any field
    """The values that the selector leads to; several behind a list of structures."""
    for position, name in enumerate(path):
        if value is None or value is UNSET:
            yield UNSET
            return
        if isinstance(value, dict):
            value = value.get(name, MISSING)
            if value is MISSING:
                yield MISSING
                return
        elif isinstance(value, list | tuple):
            for item in value:
                yield from _values(item, path[position:])
            return
        else:
            value = getattr(value, _attribute(type(value), name))
    yield value


def _test(match: Match, leaf: inspect.Type) -> Test:
    operator = match.operator
    if isinstance(leaf, SCALARS):
        return _checked(match, FOR_TEXT, _text_test)
    if isinstance(leaf, inspect.BoolType):
        return _checked(match, FOR_NUMBERS, partial(_equality, wanted=_as_bool(match), zero=False))
    if isinstance(leaf, inspect.IntType | inspect.FloatType):
        return _checked(match, FOR_NUMBERS, partial(_equality, wanted=_as_number(match), zero=0))
    if isinstance(leaf, (*LISTS, inspect.DictType)):
        return _checked(match, FOR_COLLECTIONS, _collection_test)
    raise InvalidError(
        f'Invalid match operator "{OPERATORS[operator]}" for selector "{match.written}"'
    )


def _checked(match: Match, allowed: tuple[str, ...], make: Callable[[Match], Test]) -> Test:
    if match.operator not in allowed:
        name = OPERATORS[match.operator]
        raise InvalidError(f'Invalid match operator "{name}" for selector "{match.written}"')
    positive = NEGATED.get(match.operator)
    if positive is None:
        return make(match)
    test = make(Match(match.selector, positive, match.value))
    return lambda value: not test(value)


def _text_test(match: Match) -> Test:
    wanted = match.value
    if match.operator == "==":
        return lambda value: _text(value) == wanted
    if match.operator == "in":
        return lambda value: (text := _text(value)) is not None and wanted in text
    try:
        pattern = re2.compile(wanted, REGEX_OPTIONS)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace")
        raise InvalidError(f'Failed to compile regular expression "{wanted}": {reason}') from error
    return lambda value: (text := _text(value)) is not None and bool(pattern.search(text))


def _text(value: Any) -> str | None:  # noqa: ANN401 - any field
    if value is MISSING:
        return None
    return "" if value is UNSET or value is None else value


def _equality(match: Match, *, wanted: object, zero: object) -> Test:
    return lambda value: (zero if value is UNSET or value is None else value) == wanted


def _collection_test(match: Match) -> Test:
    if match.operator == "is empty":
        return lambda value: value in (UNSET, None, MISSING) or not value
    return lambda value: value not in (UNSET, None, MISSING) and match.value in value


def _as_bool(match: Match) -> bool:
    if match.operator in FOR_NUMBERS and match.value not in TRUE + FALSE:
        raise InvalidError(f'"{match.value}" is no boolean, which "{match.written}" is')
    return match.value in TRUE


def _as_number(match: Match) -> float:
    if match.operator not in FOR_NUMBERS:
        return 0
    try:
        return float(match.value)
    except ValueError as error:
        raise InvalidError(f'"{match.value}" is no number, which "{match.written}" is') from error
