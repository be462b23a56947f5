"""Definitions in files: HCL or JSON, from a path or standard input."""

import sys
from pathlib import Path

from meshcore.lib import hcl
from meshcore.lib.errors import InvalidError

Place = tuple[str | int, ...]

STDIN = "-"


def read_definition(path: str) -> tuple[dict[str, object], dict[Place, int]]:
    """Return it with the line of each field; refuse bad syntax with file and line."""
    file = shown(path)
    try:
        text = sys.stdin.read() if path == STDIN else Path(path).read_text()
    except UnicodeDecodeError:
        raise InvalidError(f"{file}: not UTF-8 text") from None
    if not text.strip():
        raise InvalidError(f"{file} is empty")
    return hcl.parse_with_lines(text, file=file)


def shown(path: str) -> str:
    return "standard input" if path == STDIN else path
