"""The rule language, in HCL or JSON, as rules; every refusal begins with `rules:line:column:`."""

import difflib
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from meshcore.acl.rules import (
    FIELDS,
    READ_OR_WRITE,
    SEGMENTED,
    UNSEGMENTED,
    Access,
    Rule,
    RuleKind,
    Rules,
)
from meshcore.lib import hcl
from meshcore.lib.errors import InvalidError

MOST_TEXTS = 4096  # far more policies than a mesh has; a text is parsed once
FILE = "rules"
PREFIX = "_prefix"
WORDS = {access.word: access for access in Access}
KEYS = (
    *(str(kind) for kind in UNSEGMENTED),
    *(f"{kind}{suffix}" for kind in SEGMENTED for suffix in ("", PREFIX)),
)
ENTERPRISE = ("namespace", "namespace_prefix", "partition", "partition_prefix", "sentinel")


class Source(msgspec.Struct, frozen=True):
    places: dict[hcl.Path, hcl.Place]

    def refusal(self, path: hcl.Path, sentence: str) -> InvalidError:
        """Point at the innermost key of the path that stands in the text."""
        here = path
        while here and here not in self.places:
            here = here[:-1]
        line, column = self.places.get(here, (1, 1))
        return InvalidError(f"{FILE}:{line}:{column}: {sentence}")


@lru_cache(MOST_TEXTS)
def parse(text: str) -> Rules:
    """Raise InvalidError for bad syntax, an unknown kind or field, and a value that is none."""
    document, places = hcl.parse_with_places(text, file=FILE)
    source = Source(places)
    return tuple(rule for key, value in document.items() for rule in _of_key(source, key, value))


def _of_key(source: Source, key: str, value: object) -> Iterator[Rule]:
    if key in UNSEGMENTED:
        if value != "":  # Consul's tools write what is not set as ""
            access = _access(source, (key,), value, READ_OR_WRITE)
            yield Rule(RuleKind(key), access)
        return
    if key not in KEYS:
        raise _unknown(source, (key,), key, KEYS, what="no kind of rule")
    kind = RuleKind(key.removesuffix(PREFIX))
    for path, segments in _blocks(source, (key,), value):
        for segment, body in segments.items():
            for place, block in _blocks(source, (*path, segment), body):
                yield from _of_block(source, place, kind, segment, block)


def _blocks(
    source: Source, path: hcl.Path, value: object
) -> Iterator[tuple[hcl.Path, dict[str, object]]]:
    """A block stands alone or, written several times, in a list; JSON's tools write lists too."""
    if isinstance(value, dict):
        yield path, value
        return
    if not isinstance(value, list):
        key = path[0]
        raise source.refusal(path, f'a {key} rule is written as {key} "name" {{ policy = "read" }}')
    for position, item in enumerate(value):
        yield from _blocks(source, (*path, position), item)


def _of_block(
    source: Source, path: hcl.Path, kind: RuleKind, segment: str, block: dict[str, object]
) -> Iterator[Rule]:
    fields = FIELDS[kind]
    for field in block:
        if field not in fields:
            raise _unknown(source, (*path, field), field, fields, what=f"no field of a {kind} rule")
    if "policy" not in block:
        raise source.refusal(
            path, f'{path[0]} "{segment}" has no policy: it takes {_listed(fields["policy"])}'
        )
    is_prefix = str(path[0]).endswith(PREFIX)
    access = _access(source, (*path, "policy"), block["policy"], fields["policy"])
    yield Rule(kind, access, segment, is_prefix)
    if block.get("intentions", "") != "":
        place = (*path, "intentions")
        access = _access(source, place, block["intentions"], fields["intentions"])
        yield Rule(RuleKind.INTENTION, access, segment, is_prefix)


def _access(source: Source, path: hcl.Path, value: object, allowed: tuple[Access, ...]) -> Access:
    access = WORDS.get(value) if isinstance(value, str) else None
    if access is None or access not in allowed:
        shown = f'"{value}"' if isinstance(value, str) else _shown(value)
        raise source.refusal(path, f"{path[-1]} is {shown}: it takes {_listed(allowed)}")
    return access


def _shown(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _listed(allowed: Iterable[Access]) -> str:
    words = [f'"{access.word}"' for access in sorted(allowed, key=_order)]
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _order(access: Access) -> tuple[bool, int]:
    return access is Access.DENY, access


def _unknown(
    source: Source, path: hcl.Path, word: str, known: Iterable[str], *, what: str
) -> InvalidError:
    if word in ENTERPRISE:
        return source.refusal(path, f"{word} is Consul Enterprise's, and means nothing here")
    close = difflib.get_close_matches(word, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"
    return source.refusal(path, f"{word} is {what}; {hint}")
