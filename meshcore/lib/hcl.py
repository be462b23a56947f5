"""HCL as Consul reads it (HCL 1) and JSON, as plain dicts with the line of every key.

Consul's files are HCL 1, which HCL 2's parsers refuse in part: `ports { http = 8500 dns = 8600 }`
on one line, commas between attributes, quoted keys. How blocks become values:

    ports { http = 8500 }              {"ports": {"http": 8500}}, as ports = { ... } does
    service "web" { policy = "read" }  {"service": {"web": {"policy": "read"}}}
    service "db" { policy = "deny" }   ... "db" goes beside "web"
    sources { name = "web" }           a block that stands twice is a list of two;
    sources { name = "api" }           a reader that wants a list has to take one dict for one

An attribute that stands twice is refused, because one of the two would be lost in silence.
"""

import json
from collections.abc import Iterator, Mapping

import msgspec

from meshcore.lib.errors import InvalidError, MisreadError
from meshcore.lib.hcl_tokens import Scalar, Token, tokens

DEEPEST = 60  # far beyond any real file, far below where Python's own stack ends

Path = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, both from 1


class Located(msgspec.Struct):
    """A value with the place of its key: a tree while it is parsed, split in two afterwards."""

    value: "Scalar | dict[str, Located] | list[Located]"
    line: int
    column: int


class Cursor(msgspec.Struct):
    rest: list[Token]  # reversed: the next one is the last
    file: str
    depth: int = 0

    def next(self) -> Token:
        return self.rest[-1]

    def take(self) -> Token:
        return self.rest.pop()

    def skip(self, mark: str) -> bool:
        found = self.rest[-1].kind == "mark" and self.rest[-1].text == mark
        if found:
            self.rest.pop()
        return found

    def refusal(self, wanted: str) -> InvalidError:
        token = self.rest[-1]
        return MisreadError(
            self.file, token.line, token.column, f"{wanted} expected, but here is {token.text}"
        )


def parse(text: str, *, file: str) -> dict[str, object]:
    """Raise InvalidError that begins with `file:line:` for bad syntax."""
    return parse_with_lines(text, file=file)[0]


def parse_with_lines(text: str, *, file: str) -> tuple[dict[str, object], dict[Path, int]]:
    """Return the document, and the line of each key by its path, such as ("sources", 0, "name")."""
    found, places = parse_with_places(text, file=file)
    return found, {path: line for path, (line, _) in places.items()}


def parse_with_places(text: str, *, file: str) -> tuple[dict[str, object], dict[Path, Place]]:
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        require_json(text, file=file)
    cursor = Cursor(list(tokens(text, file=file))[::-1], file)
    root = document(cursor)
    found = plain(root)
    assert isinstance(found, dict)
    return found, dict(places(root, ()))


def require_json(text: str, *, file: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise MisreadError(file, error.lineno, error.colno, f"bad JSON: {error.msg}") from None
    except RecursionError:
        raise InvalidError(f"{file}: bad JSON: nested too deeply") from None


def document(cursor: Cursor) -> Located:
    found = members(cursor, closing="}" if cursor.skip("{") else "")
    if cursor.next().kind != "end":
        raise cursor.refusal("the end of the file")
    return Located(found, 1, 1)


def members(cursor: Cursor, *, closing: str) -> dict[str, Located]:
    """Read `key = value` and `key "label" { ... }` up to the closing mark and past it."""
    found: dict[str, Located] = {}
    while not (closing and cursor.skip(closing)):
        if not closing and cursor.next().kind == "end":
            break
        member(cursor, into=found)
        cursor.skip(",")
    return found


def member(cursor: Cursor, *, into: dict[str, Located]) -> None:
    key = cursor.take() if is_key(cursor.next()) else None
    if key is None:
        raise cursor.refusal("a key")
    if cursor.skip("=") or cursor.skip(":"):
        put(cursor, into, key, Located(value(cursor), key.line, key.column))
        return
    labels = [key]
    while is_key(cursor.next()):
        labels.append(cursor.take())
    if not cursor.skip("{"):
        raise cursor.refusal('"=" or "{"')
    holder = into
    for label in labels[:-1]:
        holder = labelled(cursor, holder, label)
    last = labels[-1]
    put(cursor, holder, last, Located(nested(cursor), last.line, last.column))


def labelled(cursor: Cursor, holder: dict[str, Located], key: Token) -> dict[str, Located]:
    inner = holder.setdefault(name(key), Located({}, key.line, key.column)).value
    if not isinstance(inner, dict):
        raise MisreadError(
            cursor.file, key.line, key.column, f"{name(key)} is both a value and a block"
        )
    return inner


def put(cursor: Cursor, holder: dict[str, Located], key: Token, located: Located) -> None:
    before = holder.get(name(key))
    if before is None:
        holder[name(key)] = located
    elif isinstance(before.value, dict) and isinstance(located.value, dict):
        holder[name(key)] = Located([before, located], before.line, before.column)
    elif isinstance(before.value, list) and isinstance(located.value, dict):
        before.value.append(located)
    else:
        raise MisreadError(
            cursor.file,
            key.line,
            key.column,
            f"{name(key)} stands here again, after line {before.line}",
        )


def value(cursor: Cursor) -> Scalar | dict[str, Located] | list[Located]:
    if cursor.skip("{"):
        return nested(cursor)
    if cursor.skip("["):
        return items(cursor)
    token = cursor.next()
    if token.kind in ("string", "number") or token.text in ("true", "false", "null"):
        return cursor.take().value
    raise cursor.refusal("a value")


def nested(cursor: Cursor) -> dict[str, Located]:
    deeper(cursor)
    found = members(cursor, closing="}")
    cursor.depth -= 1
    return found


def items(cursor: Cursor) -> list[Located]:
    deeper(cursor)
    found: list[Located] = []
    while not cursor.skip("]"):
        first = cursor.next()
        found.append(Located(value(cursor), first.line, first.column))
        if not cursor.skip(",") and cursor.next().text != "]":
            raise cursor.refusal('"," or "]"')
    cursor.depth -= 1
    return found


def deeper(cursor: Cursor) -> None:
    cursor.depth += 1
    if cursor.depth > DEEPEST:
        token = cursor.next()
        raise MisreadError(cursor.file, token.line, token.column, "nested too deeply")


def is_key(token: Token) -> bool:
    return token.kind in ("word", "string")


def name(key: Token) -> str:
    return key.text if key.kind == "word" else str(key.value)


def plain(located: Located) -> object:
    if isinstance(located.value, dict):
        return {key: plain(inner) for key, inner in located.value.items()}
    if isinstance(located.value, list):
        return [plain(inner) for inner in located.value]
    return located.value


def places(located: Located, path: Path) -> Iterator[tuple[Path, Place]]:
    if path:
        yield path, (located.line, located.column)
    children: Mapping[str, Located] | dict[int, Located]
    if isinstance(located.value, dict):
        children = located.value
    elif isinstance(located.value, list):
        children = dict(enumerate(located.value))
    else:
        return
    for key, inner in children.items():
        yield from places(inner, (*path, key))
