"""Definitions in files: HCL or JSON, from a path or standard input."""

import sys
from pathlib import Path

from meshcore.lib import hcl
from meshcore.lib.errors import InvalidError

STDIN = "-"


def read_definition(path: str) -> dict[str, object]:
    """Raise InvalidError with file and line for bad syntax, OSError for a missing file."""
    file = shown(path)
    try:
        text = sys.stdin.read() if path == STDIN else Path(path).read_text()
    except UnicodeDecodeError:
        raise InvalidError(f"{file}: not UTF-8 text") from None
    if not text.strip():
        raise InvalidError(f"{file} is empty")
    return hcl.parse(text, file=file)


def shown(path: str) -> str:
    return "standard input" if path == STDIN else path
