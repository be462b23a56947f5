"""Opaque proxy configuration as values: anything may stand there, from any client of Consul's."""

from collections.abc import Mapping
from typing import Any


def integer(config: Mapping[str, Any], key: str, default: int = 0) -> int:
    """Numbers may come as text, as from HCL or an annotation; nonsense counts as not given."""
    found = optional_integer(config, key)
    return default if found is None else found


def optional_integer(config: Mapping[str, Any], key: str) -> int | None:
    value = config.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if number >= 0 else None


def text(config: Mapping[str, Any], key: str) -> str:
    value = config.get(key)
    return value if isinstance(value, str) else ""


def table(config: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = config.get(key)
    return value if isinstance(value, Mapping) else {}
