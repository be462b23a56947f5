"""What the editor shows of a destination with many sources."""

from dashboard.intentions.draft import Draft, SourceRow, draft_of
from dashboard.intentions.editor import Editor, edit
from dashboard.intentions.fields import draft_in, form_of
from dashboard.intentions.sheet import sheet
from meshcore.intentions.types import ServiceIntentions
from tests.dashboard.asking import asking
from tests.topology.meshes import allow, mesh, toward

MANY = ServiceIntentions(
    destination="api",
    intentions=tuple(allow(f"web-{number:03}", "api") for number in range(200)),
)
DRAFT = draft_of(MANY, index=3)


def test_of_many_sources_the_first_are_shown_and_none_is_lost() -> None:
    shown = sheet(DRAFT)
    assert [cell.row.name for cell in shown.shown] == [f"web-{number:03}" for number in range(50)]
    sent = [(cell.at, cell.hidden) for cell in (*shown.shown, *shown.unseen)]
    form = form_of([("destination", "api"), *sent])
    assert draft_in(form).sources == DRAFT.sources


def test_a_source_is_found_by_a_part_of_its_name() -> None:
    shown = sheet(DRAFT, find="WEB-19")
    assert [cell.row.name for cell in shown.shown] == [f"web-{at}" for at in range(190, 200)]


def test_what_somebody_works_on_stays_in_sight() -> None:
    opened = SourceRow(name="web-150", is_open=True)
    draft = Draft(
        destination="api",
        sources=(*DRAFT.sources[:150], opened, *DRAFT.sources[151:], SourceRow(name="cart")),
        base=MANY,
    )
    names = [cell.row.name for cell in sheet(draft, find="web-00").shown]
    assert names == [*(f"web-{number:03}" for number in range(10)), "web-150", "cart"]


def test_steps_that_are_each_about_one_caller_are_counted() -> None:
    world = mesh(toward(*MANY.intentions, allow("*", "api")))
    shown = edit(asking(world, params=(("destination", "api"),))).context["editor"]
    assert isinstance(shown, Editor)
    assert (len(shown.first_steps), shown.more_steps) == (20, 180)
    assert [step.about for step in shown.last_steps] == [
        "calls of every other service",
        "calls of every other service",
    ]
