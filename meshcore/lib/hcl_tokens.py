"""HCL 1, the dialect of Consul's files, as a list of tokens; JSON's tokens are among them."""

import re
from collections.abc import Iterator

import msgspec

from meshcore.lib.errors import InvalidError, MisreadError

TOKEN = re.compile(
    r"""
      (?P<blank>   [ \t\r\n\ufeff]+ | \#[^\n]* | //[^\n]* | /\*.*?\*/ )
    | (?P<heredoc> <<-?(?P<marker>\w+)\r?\n(?P<body>.*?)(?P<indent>^[ \t]*)(?P=marker)[ \t]*\r?$ )
    | (?P<string>  "(?: [^"\\\n$] | \\[^\n] | \$(?!\{) | \$\{[^}\n]*\} )*" )
    | (?P<number>  [+-]?(?: 0[xX][0-9a-fA-F]+
                        | (?:\d+(?:\.\d*)? | \.\d+)(?:[eE][+-]?\d+)? )(?![\w.]) )
    | (?P<word>    [^\W\d][\w.-]* )
    | (?P<mark>    [{}\[\],=:] )
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{3})|(.))", re.DOTALL
)
ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
ESCAPED |= {character: character for character in '\\"/'}
WORDS = {"true": True, "false": False, "null": None}

Scalar = str | int | float | bool | None


class Token(msgspec.Struct, frozen=True):
    kind: str  # string, number, word, mark, end
    text: str
    value: Scalar
    line: int
    column: int


def tokens(text: str, *, file: str) -> Iterator[Token]:
    """Yield all tokens and an `end`; raise InvalidError with file and line for what is none."""
    position, line = 0, 1
    while position < len(text):
        match = TOKEN.match(text, position)
        column = position - text.rfind("\n", 0, position)
        if not match:
            raise MisreadError(file, line, column, unreadable(text[position:]))
        if match.lastgroup != "blank":
            yield token(match, file=file, line=line, column=column)
        line += text.count("\n", position, match.end())
        position = match.end()
    yield Token("end", "the end of the file", None, line, position - text.rfind("\n"))


def token(match: re.Match[str], *, file: str, line: int, column: int) -> Token:
    text = match.group()
    if match["heredoc"]:
        return Token("string", f"<<{match['marker']}", heredoc(match), line, column)
    if match["string"]:
        return Token("string", text, unescaped(text[1:-1], where=f"{file}:{line}"), line, column)
    if match["number"]:
        return Token("number", text, number(text), line, column)
    if match["word"]:
        return Token("word", text, WORDS.get(text, text), line, column)
    return Token("mark", text, None, line, column)


def heredoc(match: re.Match[str]) -> str:
    """Take the closing marker's indentation off every line, or off none if one has less."""
    body, indent = match["body"], match["indent"]
    if not match.group().startswith("<<-"):
        return body
    lines = body.splitlines(keepends=True)
    if all(line.startswith(indent) for line in lines):
        return "".join(line.removeprefix(indent) for line in lines)
    return body


def number(text: str) -> int | float:
    unsigned = text.lstrip("+-")
    if unsigned[:2].lower() == "0x":
        return int(text, 16)
    if not unsigned.isdecimal():
        return float(text)
    is_octal = unsigned[0] == "0" and len(unsigned) > 1 and not set(unsigned) & {"8", "9"}
    return int(text, 8 if is_octal else 10)


def unescaped(text: str, *, where: str) -> str:
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        four, eight, two, octal, simple = match.groups()
        if simple is None:
            return chr(int(octal, 8) if octal else int(four or eight or two, 16))
        if simple not in ESCAPED:
            raise InvalidError(f'{where}: "\\{simple}" is no escape in a string')
        return ESCAPED[simple]

    try:
        # JSON writes characters beyond 16 bits as two halves, which only belong together here.
        return ESCAPE.sub(character, text).encode("utf-16", "surrogatepass").decode("utf-16")
    except (UnicodeError, ValueError, OverflowError):
        raise InvalidError(f"{where}: a string with an escape that is no character") from None


def unreadable(rest: str) -> str:
    if rest.startswith('"'):
        return "a string that does not end on its line"
    if rest.startswith("/*"):
        return "a comment that does not end"
    if rest.startswith("<<"):
        return "a heredoc whose closing marker is missing"
    return f"unexpected {rest[:1]!r}"
