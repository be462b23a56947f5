import pytest

from dashboard.intentions.draft import Draft, PermissionRow, SourceRow, draft_of
from dashboard.intentions.drafting import Drafted, begun, drafted, from_text
from dashboard.intentions.merging import Theirs
from meshcore.intentions.types import Action, Intention, ServiceIntentions
from meshcore.lib.records import Record


def to_api(**sources: Action) -> ServiceIntentions:
    return ServiceIntentions(
        destination="api",
        intentions=tuple(
            Intention(source=source, destination="api", action=action)
            for source, action in sources.items()
        ),
    )


BASE = to_api(db="allow", web="allow")
DRAFT = draft_of(BASE, index=4)
DENIED = Draft(
    destination="api",
    sources=(SourceRow(name="db"), SourceRow(name="web", by="deny", is_open=True)),
    index=4,
    base=BASE,
)
FASTER = Record(to_api(db="allow", shop="allow", web="allow"), 2, 7)
SHOP = Theirs(source="shop", before=None, after=FASTER.value.intentions[1], clashes=False)
NEW_PERMISSION = PermissionRow(path_test="prefix", path="/")


def test_editor_begins_with_the_source_that_was_asked_for_open() -> None:
    assert begun(Record(BASE, 2, 4), "api", source="web") == Draft(
        destination="api",
        sources=(SourceRow(name="db"), SourceRow(name="web", is_open=True)),
        index=4,
        base=BASE,
    )


def test_source_that_is_not_there_begins_as_a_row_of_its_own() -> None:
    assert begun(None, "api", source="web", by="permissions") == Draft(
        destination="api",
        sources=(
            SourceRow(name="web", by="permissions", permissions=(NEW_PERMISSION,), is_open=True),
        ),
    )


def test_button_edits_the_draft() -> None:
    assert drafted(DENIED, Record(BASE, 2, 4), button="remove:sources.0") == Drafted(
        Draft(
            destination="api",
            sources=(SourceRow(name="web", by="deny", is_open=True),),
            index=4,
            base=BASE,
        )
    )


def test_untouched_draft_follows_what_others_write() -> None:
    assert drafted(DRAFT, FASTER) == Drafted(draft_of(FASTER.value, index=7))


def test_draft_follows_when_others_wrote_the_same() -> None:
    same = Record(to_api(db="allow", web="deny"), 2, 7)
    assert drafted(DENIED, same) == Drafted(draft_of(same.value, index=7))


def test_what_others_wrote_meanwhile_is_shown_beside_the_draft() -> None:
    assert drafted(DENIED, FASTER) == Drafted(DENIED, conflict=(SHOP,))


@pytest.mark.parametrize(
    ("button", "sources"),
    [
        ("take", (SourceRow(name="db"), SourceRow(name="shop"), SourceRow(name="web"))),
        ("keep", DENIED.sources),
        ("merge", (*DENIED.sources, SourceRow(name="shop"))),
    ],
)
def test_theirs_is_taken_overwritten_or_merged(button: str, sources: tuple[SourceRow, ...]) -> None:
    assert drafted(DENIED, FASTER, button=button) == Drafted(
        Draft(destination="api", sources=sources, index=7, base=FASTER.value)
    )


def test_entry_that_was_deleted_meanwhile_is_a_conflict_too() -> None:
    assert [each.after for each in drafted(DENIED, None).conflict] == [
        None,
        None,
    ]


def test_text_that_is_typed_becomes_the_form() -> None:
    text = (
        'Kind = "service-intentions"\nName = "api"\nSources = [{ Name = "web", Action = "deny" }]'
    )
    assert from_text(DENIED, Record(BASE, 2, 4), text=text, language="hcl") == Drafted(
        Draft(
            destination="api",
            sources=(SourceRow(name="web", by="deny", is_open=True),),
            index=4,
            base=BASE,
        ),
        text=text,
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Kind: service-defaults\nName: api\n", "service-intentions are wanted here"),
        ("", "one config entry is wanted here, not 0"),
        (
            "Kind: service-intentions\nName: db\nSources: [{Name: web, Action: deny}]\n",
            'these are the intentions to "api", not to "db"',
        ),
        (
            "Kind: service-intentions\nName: api\nSources: [{Name: a, Action: deny, LegacyID: b}]",
            "LegacyID and LegacyMeta cannot be changed here",
        ),
        ("Kind: service-intentions\nName: api\nSources: [{Name: web, Action: no}]\n", "Action"),
        ("a: [", "bad YAML"),
    ],
)
def test_text_with_a_mistake_leaves_the_form_as_it_is(text: str, sentence: str) -> None:
    found = from_text(DENIED, Record(BASE, 2, 4), text=text, language="yaml")
    assert (found.draft, found.text) == (DENIED, text)
    assert [sentence in each.sentence for each in found.mistakes] == [True]
