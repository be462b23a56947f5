"""Go's durations (https://pkg.go.dev/time#ParseDuration), as Consul's clients write them."""

import re
from datetime import timedelta

from meshcore.lib.errors import InvalidError

SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")


def parse(text: str) -> timedelta:
    """Raise InvalidError for what Go would refuse; "0" needs no unit."""
    unsigned = text.removeprefix("-").removeprefix("+")
    if unsigned == "0":
        return timedelta()
    parts = PART.findall(unsigned)
    if not parts or "".join(number + unit for number, unit in parts) != unsigned:
        raise InvalidError(f'invalid duration "{text}": write it as 10s, 5m or 1h30m')
    seconds = sum(float(number) * SECONDS[unit] for number, unit in parts)
    return timedelta(seconds=-seconds if text.startswith("-") else seconds)


def nanoseconds(value: int) -> timedelta:
    """Convert what Go's JSON writes for a time.Duration."""
    return timedelta(microseconds=value / 1000)


def render(duration: timedelta) -> str:
    """Write the duration as Go's Duration.String does: 90 s is 1m30s, 72 h is 72h0m0s."""
    total_us = duration // timedelta(microseconds=1)
    if total_us < 0:
        return "-" + render(-duration)
    if total_us == 0:
        return "0s"
    if total_us < 1000:
        return f"{total_us}µs"
    if total_us < 1_000_000:
        return f"{trim(total_us / 1000)}ms"
    minutes, rest_us = divmod(total_us, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{trim(rest_us / 1_000_000)}s"
    if hours:
        return f"{hours}h{minutes}m{seconds}"
    return f"{minutes}m{seconds}" if minutes else seconds


def trim(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
