"""Documents as the text that people keep: YAML and HCL, which texts.py reads back the same."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

STEP = "  "
# What no reader takes for anything but text, unquoted: neither a number nor a date begins so.
PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
# YAML 1.1, which some tools still speak, has more words for true and false than 1.2.
YAML_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
HCL_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
INTERPOLATION = re.compile(r"\$(?=\{)")


def yaml(document: Mapping[str, object]) -> str:
    return "\n".join(_yaml_mapping(document)) + "\n"


def hcl(document: Mapping[str, object]) -> str:
    return "\n".join(_hcl_members(document)) + "\n"


def quoted(text: str) -> str:
    """As JSON, YAML and HCL all read it; what is beyond printing is escaped."""
    return UNPRINTABLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _yaml_mapping(mapping: Mapping[str, object]) -> Iterator[str]:
    for key, value in mapping.items():
        yield from _yaml_member(f"{_yaml_scalar(key)}:", value)


def _yaml_member(begin: str, value: object) -> Iterator[str]:
    """A block stands below its key, indented; a scalar stands beside it."""
    block = list(_yaml_block(value))
    if not block:
        yield f"{begin} {_yaml_scalar(value)}"
        return
    yield begin
    yield from (STEP + line for line in block)


def _yaml_block(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _yaml_mapping(value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            first, *more = list(_yaml_block(item)) or [_yaml_scalar(item)]
            yield f"- {first}"
            yield from (STEP + line for line in more)


def _yaml_scalar(value: object) -> str:
    if isinstance(value, str):
        is_plain = PLAIN.fullmatch(value) and value.lower() not in YAML_WORDS
        return value if is_plain else quoted(value)
    return json.dumps(value)  # numbers, true, false, null, {} and []


def _hcl_members(mapping: Mapping[str, object]) -> Iterator[str]:
    for key, value in mapping.items():
        name = key if HCL_WORD.fullmatch(key) else _hcl_text(key)
        first, *more = _hcl_lines(value)
        yield f"{name} = {first}"
        yield from more


def _hcl_lines(value: object) -> list[str]:
    if isinstance(value, str):
        return [_hcl_text(value)]
    if isinstance(value, Mapping) and value:
        return ["{", *(STEP + line for line in _hcl_members(value)), "}"]
    if isinstance(value, Sequence) and value:
        return _hcl_list([_hcl_lines(item) for item in value])
    return [json.dumps(value)]


def _hcl_list(items: Sequence[Sequence[str]]) -> list[str]:
    """On one line, when each of them is."""
    if all(len(item) == 1 for item in items):
        return [f"[{', '.join(item[0] for item in items)}]"]
    lines = (line for item in items for line in (*item[:-1], f"{item[-1]},"))
    return ["[", *(STEP + line for line in lines), "]"]


def _hcl_text(text: str) -> str:
    return INTERPOLATION.sub(r"\\u0024", quoted(text))
