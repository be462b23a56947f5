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
    text = read_text(path)
    if not text.strip():
        raise InvalidError(f"{file} is empty")
    return hcl.parse_with_lines(text, file=file)


def read_text(path: str) -> str:
    try:
        return sys.stdin.read() if path == STDIN else Path(path).read_text()
    except UnicodeDecodeError:
        raise InvalidError(f"{shown(path)}: not UTF-8 text") from None


def read_secret(path: str) -> str:
    """One line without the space around it, and never a part of the refusal."""
    secret = read_text(path).strip()
    if not secret:
        raise InvalidError(f"{shown(path)} is empty")
    if len(secret.splitlines()) > 1:
        raise InvalidError(f"{shown(path)} has several lines, and a secret is one")
    return secret


def shown(path: str) -> str:
    return "standard input" if path == STDIN else path
