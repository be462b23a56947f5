"""Regular expressions by Envoy's own engine, RE2: linear in time, and bounded here in size."""

from functools import lru_cache
from typing import Protocol

import re2  # type: ignore[import-untyped]  # google-re2 ships no stubs

from meshcore.lib.errors import InvalidError

LONGEST = 1024
LARGEST_PROGRAM = 5000  # instructions; x{1000} nested makes far more of a few characters


class Regex(Protocol):
    programsize: int

    def fullmatch(self, text: str) -> object | None: ...


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Regex:
    """Raise InvalidError for what Envoy would refuse, or what would cost each request too much."""
    if len(pattern) > LONGEST:
        raise InvalidError(f"regular expression of {len(pattern)} characters: {LONGEST} at most")
    options = re2.Options()
    options.log_errors = False
    try:
        regex: Regex = re2.compile(pattern, options)
    except re2.error as error:
        raise InvalidError(f'bad regular expression "{pattern}": {said(error)}') from None
    if regex.programsize > LARGEST_PROGRAM:
        raise InvalidError(f'regular expression "{pattern}" is too large: simplify its repetitions')
    return regex


def said(error: Exception) -> str:
    message = error.args[0]
    return message.decode() if isinstance(message, bytes) else str(message)
