"""All that operators write as config entries: those proper, and intentions, kept apart."""

from collections.abc import Mapping
from typing import Any

from meshcore.config_entries import documents as config_documents
from meshcore.config_entries.types import ConfigEntry
from meshcore.intentions import documents as intention_documents
from meshcore.intentions.types import ServiceIntentions

Entry = ConfigEntry | ServiceIntentions


def parse(document: Mapping[str, object]) -> Entry:
    """Raise DocumentError with the path of each problem."""
    if config_documents.kind_of(document) == intention_documents.KIND:
        return intention_documents.parse(document)
    return config_documents.parse(document)


def to_document(entry: Entry) -> dict[str, Any]:
    if isinstance(entry, ServiceIntentions):
        return intention_documents.to_document(entry)
    return config_documents.to_document(entry)


def kind_and_name(entry: Entry) -> tuple[str, str]:
    if isinstance(entry, ServiceIntentions):
        return intention_documents.KIND, entry.destination
    return entry.kind, entry.name
