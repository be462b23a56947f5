"""Consul's agent configuration by Consul's own key names, in HCL or JSON."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from meshcore.configuration.given import Given
from meshcore.configuration.table import SETTINGS, Setting
from meshcore.lib import hcl

OFF = -1


class Leaf(NamedTuple):
    path: hcl.Path
    value: object


def read(content: str, *, file: str) -> tuple[dict[str, Given], tuple[str, ...]]:
    """Return the settings by their names, and the keys of the file that nothing here reads."""
    document, lines = hcl.parse_with_lines(content, file=file)
    return settings_in(document, lines, file=file, table=SETTINGS)


def settings_in(
    document: Mapping[str, object],
    lines: Mapping[hcl.Path, int],
    *,
    file: str,
    table: Iterable[Setting],
) -> tuple[dict[str, Given], tuple[str, ...]]:
    leaves = {
        ".".join(names(path)): Leaf(path, value) for path, value in flatten(document, ()) if path
    }
    used: set[str] = set()
    given: dict[str, Given] = {}
    for setting in table:
        if key := chosen(setting, leaves):
            used.add(key)
            leaf = leaves[key]
            given[setting.name] = Given(
                value=leaf.value, source=f"{file}:{lines[leaf.path]}: {key}"
            )
    return given, tuple(key for key in leaves if key not in used)


def chosen(setting: Setting, leaves: Mapping[str, Leaf]) -> str | None:
    """Return the key that counts: the first that is set, unless it is switched off."""
    written = [key for key in setting.consul if key in leaves]
    return next((key for key in written if leaves[key].value != OFF), next(iter(written), None))


def flatten(value: object, path: hcl.Path) -> Iterator[tuple[hcl.Path, object]]:
    """Yield what is no object; a block that stands twice is one, as Consul merges them."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from flatten(inner, (*path, name))
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        for index, item in enumerate(value):
            yield from flatten(item, (*path, index))
    else:
        yield path, value


def names(path: hcl.Path) -> Iterator[str]:
    return (part for part in path if isinstance(part, str))
