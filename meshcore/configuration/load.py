"""The configuration from its sources: the environment over a file over the defaults.

All problems are told at once, because fixing one per start is a bad way to spend an evening.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import msgspec

from meshcore.configuration import files
from meshcore.configuration.given import Given
from meshcore.configuration.parsers import ALLOWED
from meshcore.configuration.table import SETTINGS, Setting
from meshcore.configuration.types import SECRET_FIELDS, Configuration
from meshcore.lib import durations
from meshcore.lib.errors import InvalidError

PREFIX = "TULLE_"
CONFIG_FILE = "TULLE_CONFIG_FILE"
# Read by the CLI, by the agent, by the demo and by tests: no settings, and no reason for a warning.
OF_OTHERS = (
    "TULLE_ACL_AGENT_TOKEN",
    "TULLE_ACL_DEFAULT_TOKEN",
    "TULLE_ADVERTISE_ADDR",
    "TULLE_BENCH_",
    "TULLE_CACERT",
    "TULLE_CAPATH",
    "TULLE_CLIENT_CERT",
    "TULLE_CLIENT_KEY",
    "TULLE_DEMO_",
    "TULLE_ENABLE_",
    "TULLE_ENVOY",
    "TULLE_GRPC_ADDR",
    "TULLE_GRPC_CA",
    "TULLE_GRPC_SERVERS",
    "TULLE_HTTP_ADDR",
    "TULLE_HTTP_SSL",
    "TULLE_HTTP_TOKEN",
    "TULLE_SERVERS",
    "TULLE_SIDECARS",
    "TULLE_TEST_",
    "TULLE_TLS_SERVER_NAME",
)


IN_FILES = frozenset(
    setting.name.removesuffix("_file") for setting in SETTINGS if setting.name.endswith("_file")
)


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    configuration: Configuration
    warnings: tuple[str, ...]
    given: frozenset[str] = frozenset()  # the settings that somebody has chosen


def load(environ: Mapping[str, str]) -> Loaded:
    """Raise InvalidError naming every bad value with its source and what is allowed there."""
    from_file = files.read(Path(environ[CONFIG_FILE])) if environ.get(CONFIG_FILE) else files.EMPTY
    given = dict(from_file.given) | dict(from_environment(environ))
    settled, problems = settle(given)
    if problems := problems or list(contradictions(settled, given)):
        raise InvalidError("\n".join(["this configuration does not work:", *problems]))
    return Loaded(
        configuration=msgspec.convert(settled, Configuration),
        warnings=tuple(filter(None, [from_file.warning, unknown_variables(environ)])),
        given=frozenset(given),
    )


def from_environment(
    environ: Mapping[str, str], *, table: Iterable[Setting] = SETTINGS
) -> Iterator[tuple[str, Given]]:
    """Yield what is set; an empty variable counts as unset, as compose files leave them.

    A secret may stand in a file that a variable of its name and _FILE names, as Docker and
    Kubernetes hand them over: the environment of a process is seen by more people than a file.
    """
    for setting in table:
        if value := environ.get(setting.variable):
            yield setting.name, Given(value=value, source=setting.variable)
        elif file := environ.get(setting.file_variable) if is_secret(setting) else None:
            yield setting.name, Given(value=in_file(file, setting), source=setting.file_variable)


def is_secret(setting: Setting) -> bool:
    """Keys have settings of their own for their files, which are looked at more closely."""
    return (setting.is_secret or setting.name in SECRET_FIELDS) and setting.name not in IN_FILES


def in_file(file: str, setting: Setting) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidError(f"{setting.file_variable}: {file} cannot be read: {why}") from None


def unknown_variables(environ: Mapping[str, str]) -> str:
    known = {setting.variable for setting in SETTINGS} | {CONFIG_FILE}
    known |= {setting.file_variable for setting in SETTINGS if is_secret(setting)}
    unknown = [
        name
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in known and not name.startswith(OF_OTHERS)
    ]
    return f"unknown variables, not used: {', '.join(unknown)}" if unknown else ""


def settle(
    given: Mapping[str, Given], *, table: Iterable[Setting] = SETTINGS
) -> tuple[dict[str, object], list[str]]:
    """Return the value of each setting, and a sentence for each one that cannot be."""
    settled: dict[str, object] = {}
    problems: list[str] = []
    for setting in table:
        source = given.get(setting.name)
        try:
            settled[setting.name] = parse(setting, source, settled)
        except ValueError:
            assert source
            problems.append(problem(setting, source))
            settled[setting.name] = parse(setting, None, settled)
    return settled, problems


def parse(setting: Setting, given: Given | None, settled: Mapping[str, object]) -> object:
    if given:
        return setting.parse(given.value)
    if setting.derive:
        return setting.derive(settled)
    return None if setting.default is None else setting.parse(setting.default)


def problem(setting: Setting, given: Given) -> str:
    value = (
        "this value"
        if setting.is_secret or setting.name in SECRET_FIELDS
        else msgspec.json.encode(given.value)
    )
    shown = value if isinstance(value, str) else value.decode()
    return f"  {given.source}: {shown} is not allowed; it takes {ALLOWED[setting.parse]}"


def contradictions(settled: Mapping[str, object], given: Mapping[str, Given]) -> Iterator[str]:
    leaf, root = settled["leaf_cert_ttl"], settled["root_cert_ttl"]
    assert isinstance(leaf, timedelta)
    assert isinstance(root, timedelta)
    if root < 3 * leaf:
        yield (
            f"  {sources(given, 'leaf_cert_ttl', 'root_cert_ttl')}: a root has to live three times"
            f" as long as a leaf; {durations.render(root)} is too short beside"
            f" {durations.render(leaf)}"
        )


def sources(given: Mapping[str, Given], *names: str) -> str:
    found = [given[name].source for name in names if name in given]
    return " and ".join(found)
