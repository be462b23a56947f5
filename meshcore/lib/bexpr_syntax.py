"""The grammar of go-bexpr's filter expressions: `not` binds tighter than `and`, that than `or`."""

import ast
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from meshcore.lib.errors import InvalidError

TOKENS = re.compile(
    r"""\s*(?:
        (?P<string>"(?:\\.|[^"\\])*")
      | (?P<raw>`[^`]*`)
      | (?P<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?![A-Za-z0-9_]))
      | (?P<word>[A-Za-z][A-Za-z0-9_/]*)
      | (?P<sign>==|!=|[().\[\]])
    )""",
    re.VERBOSE,
)
END_KIND = "end"
Operator = Literal["==", "!=", "in", "not in", "is empty", "is not empty", "matches", "not matches"]


@dataclass(frozen=True)
class Match:
    selector: tuple[str, ...]
    operator: Operator
    value: str = ""

    @property
    def written(self) -> str:
        return ".".join(self.selector)


@dataclass(frozen=True)
class Not:
    operand: "Expression"


@dataclass(frozen=True)
class And:
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True)
class Or:
    left: "Expression"
    right: "Expression"


Expression = Match | Not | And | Or


Words = tuple[str, ...]
VALUE_FIRST: tuple[tuple[Words, Operator], ...] = ((("not", "in"), "not in"), (("in",), "in"))
WITHOUT_VALUE: tuple[tuple[Words, Operator], ...] = (
    (("is", "not", "empty"), "is not empty"),
    (("is", "empty"), "is empty"),
)
SELECTOR_FIRST: tuple[tuple[Words, Operator], ...] = (
    (("==",), "=="),
    (("!=",), "!="),
    (("contains",), "in"),
    (("not", "contains"), "not in"),
    (("matches",), "matches"),
    (("not", "matches"), "not matches"),
)


class Operand(NamedTuple):
    """What stands at either side of an operator: as a value, and if it may be one as a selector."""

    selector: tuple[str, ...]
    text: str


class Token(NamedTuple):
    kind: str
    text: str
    at: int


class Tokens:
    """The tokens of one expression and how far they have been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.position = 0

    def peek(self, ahead: int = 0) -> Token:
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def next(self) -> Token:
        token = self.peek()
        self.position += 1
        return token

    def takes(self, *words: str) -> bool:
        """Go past these words if they are what comes."""
        for ahead, word in enumerate(words):
            token = self.peek(ahead)
            if token.text != word or token.kind in ("string", "raw"):
                return False
        self.position += len(words)
        return True

    def wrong(self, expected: str) -> InvalidError:
        at = self.peek().at
        line = self.text.count("\n", 0, at) + 1
        column = at - (self.text.rfind("\n", 0, at) + 1) + 1
        return InvalidError(f"{line}:{column} ({at}): no match found, expected: {expected}")


def parse(text: str) -> Expression:
    tokens = Tokens(text)
    expression = _alternatives(tokens)
    if tokens.peek().kind != END_KIND:
        raise tokens.wrong('"and", "or" or the end')
    return expression


def _tokens(text: str) -> list[Token]:
    found = []
    at = 0
    while match := TOKENS.match(text, at):
        kind = match.lastgroup or ""
        found.append(Token(kind, match[kind], match.start(kind)))
        at = match.end()
    rest = text[at:].lstrip()
    end = len(text) - len(rest)
    # What is no token ends the tokens: the parser then stumbles over it and says where.
    found.append(Token("unreadable" if rest else END_KIND, "", end))
    return found


def _alternatives(tokens: Tokens) -> Expression:
    left = _conjunction(tokens)
    return Or(left, _alternatives(tokens)) if tokens.takes("or") else left


def _conjunction(tokens: Tokens) -> Expression:
    left = _negation(tokens)
    return And(left, _conjunction(tokens)) if tokens.takes("and") else left


def _negation(tokens: Tokens) -> Expression:
    if tokens.takes("not"):
        return Not(_negation(tokens))
    if tokens.takes("("):
        inner = _alternatives(tokens)
        if not tokens.takes(")"):
            raise tokens.wrong('")"')
        return inner
    return _match(tokens)


def _match(tokens: Tokens) -> Match:
    """Either `selector operator value`, or `value in selector`."""
    first = _operand(tokens)
    for words, operator in VALUE_FIRST:
        if tokens.takes(*words):
            return Match(_selector(tokens), operator, first.text)
    if not first.selector:
        raise tokens.wrong('"in" or "not in"')
    for words, operator in WITHOUT_VALUE:
        if tokens.takes(*words):
            return Match(first.selector, operator)
    for words, operator in SELECTOR_FIRST:
        if tokens.takes(*words):
            return Match(first.selector, operator, _operand(tokens).text)
    raise tokens.wrong('"!=", "==", "contains", "in", "is", "matches" or "not"')


def _selector(tokens: Tokens) -> tuple[str, ...]:
    operand = _operand(tokens)
    if not operand.selector:
        raise tokens.wrong("a selector")
    return operand.selector


def _operand(tokens: Tokens) -> Operand:
    token = tokens.peek()
    match token.kind:
        case "string":
            tokens.next()
            text = _unquoted(token, tokens)
            is_pointer = text.startswith("/") and len(text) > 1
            return Operand(tuple(text[1:].split("/")) if is_pointer else (), text)
        case "raw":
            tokens.next()
            return Operand((), token.text[1:-1])
        case "number":
            tokens.next()
            return Operand((), token.text)
        case "word":
            path = _path(tokens)
            return Operand(path, ".".join(path))
    raise tokens.wrong("a selector or a value")


def _path(tokens: Tokens) -> tuple[str, ...]:
    """`Service.Meta.version` or `Service.Meta["version"]`."""
    parts = [tokens.next().text]
    while True:
        if tokens.takes("."):
            if tokens.peek().kind != "word":
                raise tokens.wrong("an identifier")
            parts.append(tokens.next().text)
        elif tokens.takes("["):
            key = tokens.peek()
            if key.kind not in ("string", "raw"):
                raise tokens.wrong("a string")
            tokens.next()
            parts.append(key.text[1:-1] if key.kind == "raw" else _unquoted(key, tokens))
            if not tokens.takes("]"):
                raise tokens.wrong('"]"')
        else:
            return tuple(parts)


def _unquoted(token: Token, tokens: Tokens) -> str:
    """Go's escapes are Python's."""
    try:
        text: str = ast.literal_eval(token.text)
    except (SyntaxError, ValueError) as error:
        raise tokens.wrong("a string with valid escapes") from error
    return text
