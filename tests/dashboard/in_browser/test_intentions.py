"""Intentions, said and changed by mouse and by keyboard."""

from functools import partial

import pytest
from playwright.sync_api import Route, expect

from meshcore.actions import intentions
from meshcore.intentions.types import HeaderMatch, Intention, Permission, RequestMatch
from tests.dashboard.asking import NOW, put
from tests.dashboard.in_browser.tabs import Tab
from tests.topology.meshes import allow, http

pytestmark = pytest.mark.browser

EDITOR = "/ui/intentions/edit?destination=api&source=web"
DRAFT = "**/ui/intentions/draft"
SOURCE = "[name='sources.0.name']"
DESCRIPTION = "[name='sources.0.description']"


def between(tab: Tab, source: str, destination: str) -> Intention | None:
    return tab.dashboard.store.mesh.intentions.between(source, destination)


def meaning(tab: Tab, source: str, destination: str) -> object:
    found = between(tab, source, destination)
    return (found.action, found.permissions) if found else None


def written_elsewhere(tab: Tab, intention: Intention, path: str) -> None:
    """Somebody else saves, and the live socket says so."""
    tab.dashboard.write(partial(intentions.upsert, intention=intention, now=NOW))
    tab.say(page=tab.fragment(path))


def test_intention_is_made_to_look_at_requests_saved_and_undone(tab: Tab) -> None:
    put(tab.dashboard, http("api"))
    tab.open(EDITOR)
    tab.find(".segments label", has_text="By request").click()
    path = tab.find("[name='sources.0.permissions.0.path']")
    path.fill("/v1")
    tab.find(".chip", has_text="GET").click()
    tab.find("button", has_text="Header").click()
    tab.find("[name='sources.0.permissions.0.headers.0.name']").fill("x-role")
    tab.find("[name='sources.0.permissions.0.headers.0.value']").fill("admin")
    expect(tab.find(".draft-effects")).to_contain_text("web may call by request api")
    tab.find("button", has_text="Add a permission").click()
    expect(tab.find("[name='sources.0.permissions.1.action']")).to_be_focused()
    tab.find("[name='sources.0.permissions.1.action']").select_option("deny")
    tab.find("[name='sources.0.permissions.1.path']").fill("/v1/admin")
    up = tab.find("button[value='up:sources.0.permissions.1']")
    up.focus()
    tab.keys("Enter")
    expect(tab.find("[name='sources.0.permissions.0.path']")).to_have_value("/v1/admin")
    expect(tab.find("button[value='down:sources.0.permissions.0']")).to_be_focused()
    tab.find("#field-reason").fill("only what the shop needs")
    tab.find("button", has_text="Save").click()
    expect(tab.find(".toast-text")).to_contain_text("Saved: intention web → api")
    assert meaning(tab, "web", "api") == (
        None,
        (
            Permission(action="deny", http=RequestMatch(path_prefix="/v1/admin")),
            Permission(
                action="allow",
                http=RequestMatch(
                    path_prefix="/v1",
                    methods=("GET",),
                    headers=(HeaderMatch(name="x-role", exact="admin"),),
                ),
            ),
        ),
    )
    logged = tab.dashboard.store.recent.newest_first()[0]
    assert logged.reason == "only what the shop needs"
    tab.find(".toast button", has_text="Undo").click()
    expect(tab.find(".toast-text")).to_contain_text("Undone")
    assert meaning(tab, "web", "api") == ("allow", ())


def test_draft_that_is_looked_at_again_is_not_saved_although_save_was_pressed_last(
    tab: Tab,
) -> None:
    tab.open(EDITOR)
    tab.find("[name='sources.0.description']").fill("not yet")
    save = tab.find("button:enabled", has_text="Save")
    save.focus()
    with tab.page.expect_response("**/ui/intentions/draft"):
        tab.find("#draft").dispatch_event("refresh")
    found = between(tab, "web", "api")
    assert found is not None
    assert found.description == ""


def test_save_is_saved_although_it_waited_for_an_answer_and_lost_the_focus(tab: Tab) -> None:
    tab.open(EDITOR)
    tab.find(DESCRIPTION).fill("for")
    tab.find("button:enabled", has_text="Save").wait_for()
    held: list[Route] = []
    tab.page.route(DRAFT, lambda route: held.append(route), times=1)
    with tab.page.expect_request(DRAFT):
        tab.find(DESCRIPTION).fill("for the shop")
    tab.find("button", has_text="Save").click()
    tab.find(DESCRIPTION).focus()
    held[0].fallback()
    expect(tab.find(".toast-text")).to_contain_text("Saved")
    found = between(tab, "web", "api")
    assert found is not None
    assert found.description == "for the shop"


def test_save_that_is_pressed_twice_saves_once(tab: Tab) -> None:
    tab.open(EDITOR)
    tab.find(DESCRIPTION).fill("for the shop")
    tab.find("button:enabled", has_text="Save").dblclick()
    expect(tab.find(".toast-text")).to_contain_text("Saved")
    with tab.page.expect_response(DRAFT):  # whatever waited was sent before
        tab.find("#draft").dispatch_event("refresh")
    expect(tab.find(".toast-text")).to_have_count(1)
    assert sum("do=save" in form for _, _, form in tab.asked) == 1


def test_problem_is_shown_at_its_field_while_one_types(tab: Tab) -> None:
    tab.open(EDITOR)
    field = tab.find(SOURCE)
    field.fill("we*")
    expect(tab.find(f"{SOURCE}[aria-invalid=true]")).to_be_visible()
    expect(tab.find("button", has_text="Save")).to_be_disabled()
    field.press_sequentially("b")
    expect(field).to_have_value("we*b")
    field.fill("cart")
    expect(tab.find(f"{SOURCE}[aria-invalid=true]")).to_have_count(0)
    assert tab.page.evaluate("document.activeElement.name") == "sources.0.name"


def test_what_somebody_else_saves_meanwhile_is_merged_and_nothing_is_lost(tab: Tab) -> None:
    tab.open(EDITOR)
    tab.find(".segments label", has_text="Denied").click()
    expect(tab.find(".draft-preview")).to_contain_text("web → api")
    written_elsewhere(tab, allow("db", "api"), EDITOR)
    expect(tab.find("#conflict-title")).to_be_visible()
    tab.find("button", has_text="Merge").click()
    expect(tab.find("#conflict-title")).to_have_count(0)
    tab.find("button", has_text="Save").click()
    expect(tab.find(".toast-text")).to_contain_text("Saved")
    assert meaning(tab, "web", "api") == ("deny", ())
    assert meaning(tab, "db", "api") == ("allow", ())


def test_form_that_nobody_touched_follows_what_is_saved_elsewhere(tab: Tab) -> None:
    tab.open(EDITOR)
    written_elsewhere(tab, allow("db", "api"), EDITOR)
    expect(tab.find(".draft-source-name", has_text="db")).to_be_visible()


def test_text_and_form_change_each_other(tab: Tab) -> None:
    tab.open(EDITOR)
    tab.find(".segments label", has_text="HCL").click()
    editor = tab.find("code-editor .cm-content")
    expect(editor).to_contain_text('Action = "allow"')
    editor.focus()
    tab.keys("Control+a")
    tab.page.keyboard.insert_text(
        'Kind = "service-intentions"\nName = "api"\nSources { Name = "cart" Action = "deny" }'
    )
    expect(tab.find(".draft-source-name")).to_have_text("cart")
    expect(editor).to_contain_text('Sources { Name = "cart"')
    tab.page.keyboard.insert_text(" nonsense")
    expect(tab.find("#texts .error")).to_contain_text("Line 3")
    expect(tab.find(".draft-source-name")).to_have_text("cart")


def test_one_button_denies_after_asking_why(tab: Tab) -> None:
    tab.open("/ui/intentions")
    tab.find("tbody .menu summary").click()
    tab.find("tbody .menu-item", has_text="Deny").click()
    expect(tab.find("#confirm code")).to_have_text(
        "tulle intention create web api --deny --replace"
    )
    tab.page.keyboard.type("closed")
    tab.keys("Enter")
    expect(tab.find(".toast-text")).to_have_text("web → api denied")
    assert meaning(tab, "web", "api") == ("deny", ())


def test_new_intention_takes_two_names_and_a_word(tab: Tab) -> None:
    tab.open("/ui/intentions")
    tab.find("a", has_text="New intention").click()
    tab.find("#new-source").fill("db")
    tab.find("#new-destination").fill("api")
    tab.find("button", has_text="Deny all calls").click()
    expect(tab.find(".toast-text")).to_have_text("db → api denied")
    assert meaning(tab, "db", "api") == ("deny", ())
    expect(tab.find("#page h1")).to_have_text("Intentions")
    expect(tab.find("#rail")).to_be_visible()
    expect(tab.find(".toast-text")).to_be_visible()


def test_new_intention_by_request_goes_on_in_the_editor(tab: Tab) -> None:
    put(tab.dashboard, http("api"))
    tab.open("/ui/intentions/new?source=db&destination=api")
    tab.find("button", has_text="By request").click()
    expect(tab.find("[name='sources.1.permissions.0.path']")).to_have_value("/")


def test_arrows_walk_the_matrix_and_enter_explains(tab: Tab) -> None:
    tab.open("/ui/intentions/matrix")
    tab.find("td[role=gridcell]").first.focus()
    tab.keys("ArrowDown", "ArrowDown")
    expect(tab.find("#matrix-says")).to_have_text(
        "web → api: the intention from web to api says allow (precedence 9)"
    )
    tab.keys("Enter")
    expect(tab.find("#panel-title")).to_have_text("web → api")
    expect(tab.find("#panel .answer")).to_contain_text("says allow")


def test_answer_follows_the_question_and_the_mesh(tab: Tab) -> None:
    tab.open("/ui/intentions/explain")
    tab.find("#explain-source").fill("web")
    tab.find("#explain-destination").fill("api")
    tab.keys("Enter")
    expect(tab.find(".answer .verdict")).to_have_attribute("data-verdict", "allow")
    query = "/ui/intentions/explain?source=web&destination=api"
    assert query in tab.page.url
    tab.dashboard.write(partial(intentions.delete, source="web", destination="api"))
    tab.say(page=tab.fragment(query))
    expect(tab.find(".answer .verdict")).to_have_attribute("data-verdict", "default-deny")
