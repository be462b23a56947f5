"""A configuration file: Tulle's own (TOML), or Consul's agent configuration (HCL or JSON)."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from meshcore.configuration import consul_keys
from meshcore.configuration.given import Given
from meshcore.configuration.table import BY_NAME
from meshcore.lib.errors import InvalidError


class FromFile(msgspec.Struct, frozen=True, kw_only=True):
    given: Mapping[str, Given]
    warning: str


EMPTY = FromFile(given={}, warning="")


def read(file: Path) -> FromFile:
    """Take `.toml` for Tulle's own and all else for Consul's; raise InvalidError for bad syntax."""
    try:
        content = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"cannot read the configuration file {file}: {error}") from error
    if file.suffix == ".toml":
        return own(content, file=file)
    settings, unused = consul_keys.read(content, file=str(file))
    return FromFile(given=settings, warning=unused_keys(file, unused))


def own(content: str, *, file: Path) -> FromFile:
    try:
        values = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise InvalidError(f"{file}: {error}") from error
    given = {
        name: Given(value=value, source=f"{file}:{name}")
        for name, value in values.items()
        if name in BY_NAME
    }
    return FromFile(given=given, warning=unused_keys(file, values.keys() - given.keys()))


def unused_keys(file: Path, keys: Iterable[str]) -> str:
    listed = ", ".join(sorted(keys))
    return f"{file}: not used: {listed}" if listed else ""
