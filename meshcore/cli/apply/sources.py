"""What the files and folders of `tulle apply` ask for: entries, things to skip, and mistakes."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from meshcore.cli.apply.documents import (
    SUFFIXES,
    Located,
    Mistake,
    MistakeError,
    documents,
)
from meshcore.config_entries.kubernetes import Skipped, converted, is_kubernetes
from meshcore.config_entries.problems import DocumentError, rendered
from meshcore.mesh.entries import Entry, kind_and_name, parse

STDIN = "-"


class Asked(msgspec.Struct):
    entries: list[Entry] = []
    skipped: list[Skipped] = []
    mistakes: list[Mistake] = []


def read(paths: Sequence[str]) -> Asked:
    """Read everything, and go on after a mistake to find them all."""
    asked = Asked()
    first: dict[tuple[str, str], Located] = {}
    for path in paths:
        for file in files(path, asked.mistakes):
            for document in documents_of(file, asked.mistakes):
                understood = understand(document, asked)
                if understood is None:
                    continue
                key = kind_and_name(understood)
                if key in first:
                    asked.mistakes.append(document.mistake((), stands_twice(key, first[key])))
                first.setdefault(key, document)
                asked.entries.append(understood)
    return asked


def stands_twice(key: tuple[str, str], first: Located) -> str:
    return f"{'/'.join(key)} stands already in {first.file}, document {first.number}"


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


def understand(document: Located, asked: Asked) -> Entry | None:
    """Return the entry, if it is one; what else there is to say of it goes to `asked`."""
    try:
        if not is_kubernetes(document.value):
            return parse(document.value)
        found = converted(document.value)
        if isinstance(found, Skipped):
            asked.skipped.append(found)
            return None
    except DocumentError as error:
        asked.mistakes += [located(document, p.path, p.sentence) for p in error.problems]
        return None
    try:
        return parse(found.document)
    except DocumentError as error:
        asked.mistakes += [
            located(document, found.path_in_object(p.path), p.sentence) for p in error.problems
        ]
        return None


def located(document: Located, path: tuple[str | int, ...], sentence: str) -> Mistake:
    field = f"{rendered(path)}: " if path else ""
    return document.mistake(path, f"{field}{sentence}")
