"""What the files and folders of `tulle apply` ask for."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from meshcore.config_entries.texts import SUFFIXES, Located, Mistake, MistakeError, documents
from meshcore.mesh.texts import Asked, Places, take

STDIN = "-"


def read(paths: Sequence[str]) -> Asked:
    """Read everything, and go on after a mistake to find them all."""
    asked, places = Asked(), Places()
    for path in paths:
        for file in files(path, asked.mistakes):
            take(documents_of(file, asked.mistakes), asked, places)
    return asked


def files(path: str, mistakes: list[Mistake]) -> Iterator[str]:
    """The file itself, or all of a folder that can hold documents, in the order of their names."""
    folder = Path(path)
    if path == STDIN or not folder.is_dir():
        yield path
        return
    found = [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix in SUFFIXES and file.is_file() and not is_hidden(file.relative_to(folder))
    ]
    if not found:
        mistakes.append(Mistake(file=path, sentence=f"no {', '.join(SUFFIXES)} in this folder"))
    yield from map(str, found)


def is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def documents_of(file: str, mistakes: list[Mistake]) -> Iterator[Located]:
    try:
        if file == STDIN:
            yield from documents(sys.stdin.read(), file="standard input")
        else:
            yield from documents(Path(file).read_text(), file=file)
    except MistakeError as error:
        mistakes.append(error.mistake)
    except OSError as error:
        mistakes.append(Mistake(file=file, sentence=error.strerror or str(error)))
    except UnicodeDecodeError:
        mistakes.append(Mistake(file=file, sentence="not UTF-8 text"))
