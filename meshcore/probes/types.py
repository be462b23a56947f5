"""What a probe finds out."""

from typing import Literal

import msgspec


class Outcome(msgspec.Struct, frozen=True):
    status: Literal["passing", "warning", "critical"]
    output: str
