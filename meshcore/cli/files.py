"""Definitions in files: HCL or JSON, from a path or standard input."""

import sys
from pathlib import Path

from meshcore.lib import hcl

STDIN = "-"


def read_definition(path: str) -> dict[str, object]:
    """Raise InvalidError with file and line for bad syntax, OSError for a missing file."""
    if path == STDIN:
        return hcl.parse(sys.stdin.read(), file="standard input")
    return hcl.parse(Path(path).read_text(), file=path)
