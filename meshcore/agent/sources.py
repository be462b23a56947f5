"""The files of the agent, looked at again and again; one that breaks keeps what it last defined."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from meshcore.agent.documents import (
    Defined,
    DefinedCheck,
    DefinedService,
    Document,
    Rules,
    defined,
    parsed,
)
from meshcore.lib.errors import InvalidError

ENDINGS = (".hcl", ".json")
LARGEST = 4 * 1024 * 1024

Fingerprint = tuple[int, int, int]

logger = logging.getLogger(__name__)


class Known(msgspec.Struct, frozen=True):
    """A file as it was when it was last read, and what it last defined."""

    fingerprint: Fingerprint | None
    defined: Defined | None


class Sources:
    def __init__(self, *, files: Sequence[Path], folders: Sequence[Path]) -> None:
        self._files = tuple(files)
        self._folders = tuple(folders)
        self._known: dict[Path, Known] = {}
        self._unreadable: set[Path] = set()

    def documents(self) -> Iterator[Document]:
        """All of them, for the start; raise InvalidError for one that is missing or broken."""
        for folder in self._folders:
            if not folder.is_dir():
                raise InvalidError(f"there is no folder {folder}")
        for file in self._present():
            yield parsed(_text(file), file=str(file))

    def begin(self, rules: Rules) -> Defined:
        """What they define at the start, where nothing before is to be kept."""
        for file in self._present():
            found = defined(parsed(_text(file), file=str(file)), rules)
            _tell(found)
            self._known[file] = Known(_fingerprint(file), found)
        merged, problems = self._merged()
        if problems:
            raise InvalidError("\n".join(problems))
        return merged

    def changed(self, rules: Rules) -> Defined | None:
        """What they define now, if any file is another than before."""
        present = self._present()
        changed = [f for f in present if _fingerprint(f) != self._fingerprint_of(f)]
        gone = self._known.keys() - set(present)
        if not changed and not gone:
            return None
        for file in gone:
            logger.info("%s is gone, and what it defined with it", file)
            del self._known[file]
        for file in changed:
            self._read_again(file, rules)
        merged, problems = self._merged()
        for problem in problems:
            logger.error("%s", problem)
        return merged

    def _fingerprint_of(self, file: Path) -> Fingerprint | None:
        known = self._known.get(file)
        return known.fingerprint if known else None

    def _read_again(self, file: Path, rules: Rules) -> None:
        before = self._known.get(file)
        fingerprint = _fingerprint(file)
        try:
            found = defined(parsed(_text(file), file=str(file)), rules)
        except InvalidError as error:
            kept = "what it defined before stays" if before else "it defines nothing until then"
            logger.error("%s; %s", error, kept)
            self._known[file] = Known(fingerprint, before.defined if before else None)
            return
        _tell(found)
        logger.info("%s is read", file)
        self._known[file] = Known(fingerprint, found)

    def _present(self) -> list[Path]:
        """Those named, then those in folders by their names; Consul does not look into subfolders.

        A folder that cannot be read for a moment takes nothing away.
        """
        found = list(self._files)
        for folder in self._folders:
            found += self._inside(folder)
        return list(dict.fromkeys(found))

    def _inside(self, folder: Path) -> list[Path]:
        try:
            inside = sorted(folder.iterdir())
        except OSError as error:
            if folder not in self._unreadable:
                logger.error("%s cannot be read: %s", folder, error.strerror)
                self._unreadable.add(folder)
            return sorted(file for file in self._known if file.parent == folder)
        self._unreadable.discard(folder)
        return [file for file in inside if file.suffix in ENDINGS and file.is_file()]

    def _merged(self) -> tuple[Defined, list[str]]:
        return merged((str(f), k.defined) for f, k in sorted(self._known.items()) if k.defined)


def merged(found: Iterable[tuple[str, Defined]]) -> tuple[Defined, list[str]]:
    """All together; what two files define is the first one's, and a problem."""
    problems: list[str] = []
    services: dict[str, DefinedService] = {}
    checks: dict[str, DefinedCheck] = {}
    owners: dict[tuple[str, str], str] = {}
    for file, each in found:
        own = {("service", key): file for key in each.services}
        own |= {("check", key): file for key in each.checks}
        problems += [
            f'{file}: {kind} "{key}" is defined in {owners[kind, key]} already'
            for kind, key in own
            if (kind, key) in owners
        ]
        owners = own | owners
        services = each.services | services
        checks = each.checks | checks
    return Defined(services=services, checks=checks), problems


def _tell(found: Defined) -> None:
    for warning in found.warnings:
        logger.warning("%s", warning)


def _text(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(LARGEST + 1)
    except UnicodeDecodeError:
        raise InvalidError(f"{file}:1:1: not UTF-8 text") from None
    except OSError as error:
        raise InvalidError(f"{file} cannot be read: {error.strerror}") from None
    if len(text) > LARGEST:
        raise InvalidError(f"{file} is larger than {LARGEST} bytes")
    return text


def _fingerprint(file: Path) -> Fingerprint | None:
    """None where it cannot be looked at, which reading it will explain."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)
