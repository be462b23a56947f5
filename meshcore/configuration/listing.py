"""All settings for readers: `--help` prints the rows, docs/settings.md is the page."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

from meshcore.configuration.parsers import ALLOWED
from meshcore.configuration.table import SETTINGS, Setting
from meshcore.configuration.types import Configuration
from meshcore.lib import durations

HEAD = """# Settings

Each is a variable in the environment, a key of Tulle's own file (TOML, the name in lower case
without `TULLE_`), or, where a key is named, one of Consul's agent configuration (HCL or JSON).
`--config-file FILE` or `TULLE_CONFIG_FILE` names the file: `.toml` is Tulle's own, all else
Consul's. The environment wins over the file, the file over the default. Bad values stop the start,
all named at once; what is not used is named in one warning. A secret may stand in a file that a
variable of its name and `_FILE` names (`TULLE_DATABASE_URL_FILE=/run/secrets/database_url`).

| variable | default | Consul's key | what it is | takes |
|---|---|---|---|---|
"""


class Row(NamedTuple):
    variable: str
    default: str
    consul: str
    help: str
    takes: str


def rows(table: Iterable[Setting] = SETTINGS) -> Iterator[Row]:
    for setting in table:
        yield Row(
            variable=setting.variable,
            default=setting.default_text or str(setting.default),
            consul=", ".join(setting.consul),
            help=setting.help,
            takes=ALLOWED[setting.parse],
        )


def in_force(configuration: Configuration) -> Iterator[tuple[str, str]]:
    """Each setting with what it came to; secrets are hidden."""
    for name, value in configuration.__rich_repr__():
        yield f"TULLE_{name.upper()}", _text(value)


def _text(value: object) -> str:
    match value:
        case None:
            return "not set"
        case bool():
            return "true" if value else "false"
        case timedelta():
            return durations.render(value)
    return str(value)


def page(head: str = HEAD, table: Iterable[Setting] = SETTINGS) -> str:
    return head + "".join(
        f"| `{row.variable}` | {row.default} | {row.consul} | {row.help} | {row.takes} |\n"
        for row in rows(table)
    )
