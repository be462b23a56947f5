from collections.abc import Iterator

import pytest
from hypothesis import given
from msgspec.structs import replace

from dashboard.intentions.draft import Draft, SourceRow, draft_of
from dashboard.intentions.fields import base_of, draft_in, form_of, meta_of, whole
from meshcore.intentions.types import ServiceIntentions
from meshcore.lib.errors import InvalidError
from tests.intentions.strategies import UNHURRIED, service_intentions

Pairs = Iterator[tuple[str, str]]


def sent(draft: Draft) -> Pairs:
    """What a browser sends for the form, as the template makes it."""
    yield "destination", draft.destination
    yield "index", str(draft.index)
    yield "base", base_of(draft)
    yield "meta", meta_of(draft)
    for at, source in enumerate(draft.sources):
        if source.is_open:
            yield from sent_source(source, f"sources.{at}")
        else:
            yield f"sources.{at}", whole(source)


def sent_source(source: SourceRow, at: str) -> Pairs:
    yield f"{at}.name", source.name
    yield f"{at}.peer", source.peer
    yield f"{at}.by", source.by
    yield f"{at}.description", source.description
    for number, permission in enumerate(source.permissions):
        place = f"{at}.permissions.{number}"
        yield f"{place}.action", permission.action
        yield f"{place}.path_test", permission.path_test
        yield f"{place}.path", permission.path
        for method in permission.methods:
            yield f"{place}.methods", method
        for index, header in enumerate(permission.headers):
            for field in ("name", "test", "value"):
                yield f"{place}.headers.{index}.{field}", getattr(header, field)
            for field in ("ignore_case", "is_inverted"):
                if getattr(header, field):
                    yield f"{place}.headers.{index}.{field}", "on"


@UNHURRIED
@given(service_intentions())
def test_form_comes_back_as_it_was_sent(entry: ServiceIntentions) -> None:
    draft = draft_of(entry, index=3)
    stripped = tuple(
        replace(source, is_open=True, description=source.description.strip())
        for source in draft.sources
    )
    for sources in (draft.sources, stripped):
        shown = replace(draft, sources=sources)
        assert draft_in(form_of(sent(shown))) == shown


def test_rows_stand_in_the_order_of_their_numbers_whatever_is_missing() -> None:
    form = form_of([("sources.10.name", "web"), ("sources.9.name", " api "), ("other", "x")])
    assert draft_in(form) == Draft(
        sources=(SourceRow(name="api", is_open=True), SourceRow(name="web", is_open=True))
    )


@pytest.mark.parametrize(
    "pair",
    [
        ("sources.0.by", "maybe"),
        ("sources.0", "{"),
        ("sources.0", '{"name": 1}'),
        ("index", "one"),
        ("base", "[]"),
    ],
)
def test_form_that_no_page_of_ours_made_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(InvalidError, match="the form is not as this page made it"):
        draft_in(form_of([pair]))
