"""What is wrong with a document, and where in it."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from meshcore.lib.errors import InvalidError

Path = tuple[str | int, ...]


class Problem(msgspec.Struct, frozen=True):
    path: Path
    sentence: str

    def __str__(self) -> str:
        return f"{rendered(self.path)}: {self.sentence}" if self.path else self.sentence

    def under(self, *prefix: str | int) -> "Problem":
        return Problem((*prefix, *self.path), self.sentence)


class DocumentError(InvalidError):
    """Carries the paths as data, so that who has the file can name the line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))

    @property
    def path(self) -> Path:
        return self.problems[0].path


def require_none(problems: Iterable[Problem]) -> None:
    found = tuple(problems)
    if found:
        raise DocumentError(found)


def rendered(path: Path) -> str:
    """Write ("sources", 0, "name") as sources[0].name."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def plain(key: str) -> str:
    """What the spellings of a key have in common: PathExact, path_exact and pathExact."""
    return key.replace("_", "").lower()


def as_written(path: Path, document: object) -> Path:
    """Spell a path with the document's own keys, as far as it has them."""
    written: list[str | int] = []
    here = document
    for part in path:
        if isinstance(part, int):
            if isinstance(here, Mapping):  # HCL's single block, where a list is wanted
                continue
            here = here[part] if isinstance(here, Sequence) and part < len(here) else None
            written.append(part)
            continue
        keys = here if isinstance(here, Mapping) else {}
        alike = [key for key in keys if plain(str(key)) == plain(part)]
        key = part if part in keys else alike[0] if alike else in_case_of(keys, part)
        here = keys.get(key)
        written.append(key)
    return tuple(written)


def in_case_of(keys: Iterable[object], part: str) -> str:
    """Spell what is not there as its neighbours are: `name` among `action` and `peer`."""
    initials = [str(key)[:1] for key in keys]
    if not initials or not all(initial.islower() for initial in initials):
        return part
    return part.lower() if part.isupper() else part[:1].lower() + part[1:]
