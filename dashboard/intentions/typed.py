"""A draft as a text that can be edited too, and what is typed there as a draft again."""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from dashboard.intentions.draft import Draft, draft_of, entry_of
from meshcore.config_entries.kubernetes import META
from meshcore.config_entries.texts import Mistake
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.entries import Entry, kind_and_name, to_document
from meshcore.mesh.texts import Asked, as_hcl, as_yaml, read

Language = Literal["yaml", "hcl"]


class Read(msgspec.Struct, frozen=True):
    """Without mistakes the draft is what the text says, else it is as it was."""

    draft: Draft
    mistakes: tuple[Mistake, ...] = ()


def yaml(entry: ServiceIntentions) -> str:
    """As a Kubernetes object if there is no Meta, which such an object cannot say."""
    return as_yaml(entry if entry.meta else replace(entry, meta=META))


WRITERS: dict[Language, Callable[[ServiceIntentions], str]] = {"yaml": yaml, "hcl": as_hcl}


def typed(draft: Draft, text: str, language: Language) -> Read:
    asked = read(text, name=f"intentions.{language}")
    mistakes = tuple(asked.mistakes) or tuple(refusals(asked, draft))
    if mistakes:
        return Read(draft, mistakes)
    (entry,) = asked.entries
    assert isinstance(entry, ServiceIntentions)
    if language == "yaml" and entry.meta == META and not draft.meta:
        entry = replace(entry, meta={})
    made = with_rows_open(draft, draft_of(entry, index=draft.index))
    made = replace(made, base=draft.base)
    if to_document(entry_of(made, draft.base)) != to_document(entry):
        sentence = "LegacyID and LegacyMeta cannot be changed here: use tulle config write"
        return Read(draft, (mistake(sentence),))
    return Read(made)


def refusals(asked: Asked, draft: Draft) -> Sequence[Mistake]:
    entries: Sequence[Entry] = asked.entries
    if len(entries) != 1:
        return [mistake(f"one config entry is wanted here, not {len(entries)}")]
    kind, name = kind_and_name(entries[0])
    if not isinstance(entries[0], ServiceIntentions):
        return [mistake(f"service-intentions are wanted here, not {kind}")]
    if name != draft.destination:
        sentence = f'these are the intentions to "{draft.destination}", not to "{name}"'
        return [mistake(sentence)]
    return []


def mistake(sentence: str) -> Mistake:
    return Mistake(file="", line=1, sentence=sentence)


def with_rows_open(before: Draft, after: Draft) -> Draft:
    opened = {row.identity for row in before.sources if row.is_open}
    rows = (replace(row, is_open=row.identity in opened) for row in after.sources)
    return replace(after, sources=tuple(rows))
