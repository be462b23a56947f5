"""From a text to the entries that it asks for, the things in it to skip and its mistakes; and back.

What is written here and read again is the same entry, but for what the mesh computes.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from meshcore.config_entries import writing
from meshcore.config_entries.kubernetes import (
    Converted,
    Skipped,
    converted,
    is_kubernetes,
    object_of,
)
from meshcore.config_entries.problems import DocumentError, Path, rendered
from meshcore.config_entries.texts import Located, Mistake, MistakeError, documents
from meshcore.intentions.documents import COMPUTED
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.entries import Entry, kind_and_name, parse, to_document

Places = dict[tuple[str, str], Located]  # where an entry stands first, by its kind and name


class Asked(msgspec.Struct):
    entries: list[Entry] = []
    skipped: list[Skipped] = []
    mistakes: list[Mistake] = []


def read(text: str, *, name: str) -> Asked:
    """Read everything, and go on after a mistake to find them all; the name is the text's own."""
    asked = Asked()
    try:
        take(documents(text, file=name), asked, {})
    except MistakeError as error:
        asked.mistakes.append(error.mistake)
    return asked


def take(located: Iterable[Located], asked: Asked, places: Places) -> None:
    """Add what these documents ask for; one entry twice is a mistake, because one would be lost."""
    for document in located:
        entry = understood(document, asked)
        if entry is None:
            continue
        key = kind_and_name(entry)
        if key in places:
            asked.mistakes.append(document.mistake((), stands_twice(key, places[key])))
        places.setdefault(key, document)
        asked.entries.append(entry)


def understood(document: Located, asked: Asked) -> Entry | None:
    """Return the entry, if it is one; what else there is to say of it goes to `asked`."""
    try:
        if not is_kubernetes(document.value):
            return parse(document.value)
        found = converted(document.value)
        if isinstance(found, Skipped):
            asked.skipped.append(found)
            return None
    except DocumentError as error:
        asked.mistakes += [mistake(document, p.path, p.sentence) for p in error.problems]
        return None
    try:
        return parse(found.document)
    except DocumentError as error:
        asked.mistakes += [
            mistake(document, found.path_in_object(p.path), p.sentence) for p in error.problems
        ]
        return None


def mistake(document: Located, path: Path, sentence: str) -> Mistake:
    field = f"{rendered(path)}: " if path else ""
    return document.mistake(path, f"{field}{sentence}")


def stands_twice(key: tuple[str, str], first: Located) -> str:
    return f"{'/'.join(key)} stands already in {first.file}, document {first.number}"


def as_yaml(entry: Entry) -> str:
    """As a Kubernetes object where that says all there is to say, else as the entry itself."""
    document = written(entry)
    as_object = object_of(document)
    if as_object is None or not is_said_by(as_object, entry):
        return writing.yaml(document)
    return writing.yaml(as_object)


def as_hcl(entry: Entry) -> str:
    return writing.hcl(written(entry))


def is_said_by(as_object: Mapping[str, object], entry: Entry) -> bool:
    try:
        found = converted(as_object)
        return isinstance(found, Converted) and written(parse(found.document)) == written(entry)
    except DocumentError:
        return False


def written(entry: Entry) -> dict[str, Any]:
    """Leave out what follows from the rest of it."""
    document = to_document(entry)
    if isinstance(entry, ServiceIntentions):
        document["Sources"] = [
            {key: value for key, value in source.items() if key not in COMPUTED}
            for source in document["Sources"]
        ]
    return document
