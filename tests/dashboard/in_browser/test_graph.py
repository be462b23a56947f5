"""The graph as somebody explores it: with the mouse, by keyboard, and while the mesh changes."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.dashboard.asking import put
from tests.dashboard.in_browser.tabs import Tab
from tests.topology.meshes import allow, check, deny, service, toward

pytestmark = pytest.mark.browser

Graph = dict[str, Any]


class Picture:
    """What the test knows of the picture: the words beside it, the URL, and where things stand."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.page: Page = tab.page

    def open(self, query: str = "") -> "Picture":
        self.tab.open(f"/ui/graph{query}")
        expect(self.tab.find("mesh-graph .graph-bar")).to_be_visible()
        return self

    def said(self) -> str:
        return self.tab.find(".graph-outline > p").inner_text()

    def expect_said(self, words: str) -> None:
        expect(self.tab.find(".graph-outline > p")).to_contain_text(words)

    def query(self, name: str) -> str:
        return next(iter(parse_qs(urlsplit(self.page.url).query).get(name, [])), "")

    def expect_query(self, name: str, value: str) -> None:
        self.page.wait_for_function(
            "([name, value]) => (new URLSearchParams(location.search).get(name) ?? '') === value",
            arg=[name, value],
        )

    def field(self, name: str) -> Locator:
        return self.page.get_by_role("combobox", name=name)

    def drawn(self) -> Graph:
        found = json.loads(self.tab.dashboard.get("/ui/graph/content").content)
        assert isinstance(found, dict)
        return found

    def place_of(self, name: str) -> tuple[float, float]:
        """Where on the screen a service stands, for the camera that the URL tells of."""
        camera = self.query("at").split(",")
        x, y, scale = (float(part) for part in camera)
        vertex = next(v for v in self.drawn()["vertices"] if v["service"] == name)
        box = self.tab.find(".graph-canvas").bounding_box()
        assert box is not None
        return (
            box["x"] + box["width"] / 2 + (vertex["x"] - x) * scale,
            box["y"] + box["height"] / 2 + (vertex["y"] - y) * scale,
        )


@pytest.fixture
def picture(tab: Tab) -> Picture:
    """At full size, with web in the middle."""
    put(
        tab.dashboard,
        service("cache", meta={"group": "data"}),
        toward(allow("web", "api"), deny("web", "db")),
    )
    return Picture(tab)


def at_web(picture: Picture) -> Picture:
    web = next(v for v in picture.drawn()["vertices"] if v["service"] == "web")
    return picture.open(f"?at={web['x'] + 200:.0f},{web['y']:.0f},1")


def test_what_is_drawn_stands_there_in_words_too(picture: Picture) -> None:
    picture.open("?words=yes")
    picture.expect_said("4 services, 0 of them unhealthy; 2 calls, 1 of them denied.")
    web = picture.page.locator(".graph-outline summary", has_text="web: passing")
    web.click()
    expect(picture.tab.find(".graph-outline-open")).to_have_text(
        [
            "Open web",
            "web calls api: allowed by the intention web → api",
            "web calls db: denied by the intention web → db, not declared as an upstream",
        ]
    )


def test_a_click_on_a_service_opens_its_panel_and_escape_closes_it(picture: Picture) -> None:
    at_web(picture)
    picture.page.mouse.click(*picture.place_of("web"))
    expect(picture.tab.find("#panel-title")).to_have_text("web")
    picture.expect_query("service", "web")
    picture.tab.keys("Escape")
    expect(picture.tab.find("#panel")).not_to_have_attribute("data-open", "")
    picture.expect_query("service", "")


def test_a_call_is_allowed_in_two_clicks(picture: Picture) -> None:
    picture.open("?source=web&destination=db")
    expect(picture.tab.find("#panel-title")).to_have_text("web → db")
    picture.tab.toasts["/ui/do/put-intention"] = {"text": "web → db allowed", "kind": "done"}
    picture.page.locator("#panel-body button", has_text="Allow").click()
    expect(picture.tab.find("#toasts")).to_contain_text("web → db allowed")
    posted = [form for method, path, form in picture.tab.asked if path == "/ui/do/put-intention"]
    assert [parse_qs(form) for form in posted] == [{"pair": ["web db"], "action": ["allow"]}]


def test_a_change_of_the_mesh_is_drawn_where_one_looks(picture: Picture) -> None:
    at_web(picture)
    place, camera = picture.place_of("web"), picture.query("at")
    put(picture.tab.dashboard, [check("web-1", "web", "critical")])
    web = next(v for v in picture.drawn()["vertices"] if v["service"] == "web")
    change = {"index": 43, "vertices": [web], "edges": [], "gone_vertices": [], "gone_edges": []}
    picture.tab.say(graph=change)
    picture.expect_said("1 of them unhealthy")
    expect(picture.tab.find("#announcer")).to_contain_text("web is critical")
    assert (picture.place_of("web"), picture.query("at")) == (place, camera)


def test_after_messages_the_picture_is_what_a_reload_shows(picture: Picture) -> None:
    picture.open("?words=yes")
    put(picture.tab.dashboard, service("queue"), toward(deny("web", "queue")))
    picture.tab.say(graph=picture.drawn())  # whole, as for a tab that was away
    picture.expect_said("5 services")
    live = picture.tab.find(".graph-outline-list").inner_text()
    picture.page.reload()
    picture.expect_said("5 services")
    assert picture.tab.find(".graph-outline-list").inner_text() == live


def test_find_and_hide_are_in_the_url(picture: Picture) -> None:
    picture.open()
    picture.field("Find").fill("verdict = deny")
    expect(picture.tab.find(".graph-field-outcome").first).to_have_text("1 call")
    picture.expect_query("find", "verdict = deny")
    picture.field("Hide").fill("name = db")
    picture.expect_said("3 services")
    picture.expect_query("hide", "name = db")
    picture.page.reload()
    picture.expect_said("3 services")


def test_a_field_proposes_how_to_go_on_and_says_what_is_wrong(picture: Picture) -> None:
    picture.open()
    field = picture.field("Find")
    field.press_sequentially("heal")
    picture.tab.keys("ArrowDown", "Enter")
    expect(field).to_have_value("health ")
    field.press_sequentially("= ill")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(picture.tab.find("#graph-find-problem")).to_contain_text("health is one of passing")


def test_the_legend_takes_out_what_is_clicked(picture: Picture) -> None:
    picture.open()
    denied = picture.page.get_by_role("button", name=re.compile(r"^denied\s*\d"))
    denied.click()
    expect(denied).to_have_attribute("aria-pressed", "false")
    picture.expect_said("1 call, 0 of them denied")
    picture.expect_query("off", "deny")


def test_a_group_collapses_and_expands(picture: Picture) -> None:
    picture.open()
    picture.page.locator("button", has_text="Collapse all").click()
    picture.expect_query("groups", "collapsed")
    picture.page.locator("button", has_text="Expand all").click()
    picture.expect_query("groups", "expanded")


def test_arrow_keys_walk_along_the_calls(picture: Picture) -> None:
    at_web(picture)
    picture.tab.find(".graph-canvas").focus()
    picture.tab.keys("Home")
    said = picture.tab.find("#announcer")
    expect(said).to_contain_text("web: passing")
    picture.tab.keys("ArrowRight")
    expect(said).to_contain_text("web calls")
    picture.tab.keys("ArrowLeft")
    expect(said).to_contain_text("web: passing")


def test_f_puts_the_service_under_the_keyboard_into_focus(picture: Picture) -> None:
    picture.open("?service=web")
    picture.tab.find(".graph-canvas").focus()
    picture.tab.keys("ArrowRight", "f")
    chip = picture.tab.find(".graph-chip")
    expect(chip).to_be_visible()
    picture.expect_query("focus", chip.locator("strong").inner_text())
    chip.get_by_label("Leave the focus").click()
    expect(chip).to_be_hidden()


def test_a_service_that_is_dragged_stays_there_for_all(picture: Picture) -> None:
    at_web(picture)
    x, y = picture.place_of("web")
    before = next(v for v in picture.drawn()["vertices"] if v["service"] == "web")
    picture.tab.toasts["/ui/do/pin"] = {"text": "web stays where you put it", "kind": "done"}
    mouse = picture.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 40, y + 30, steps=3)
    mouse.up()
    expect(picture.tab.find("#toasts")).to_contain_text("web stays where you put it")
    x, y = before["x"] + 40, before["y"] + 30
    assert picture.tab.asked[-1] == ("POST", "/ui/do/pin", f"service=web&x={x:.0f}&y={y:.0f}")
    expect(picture.tab.find("#panel")).not_to_have_attribute("data-open", "")


@pytest.mark.parametrize("kind", ["PNG", "SVG", "JSON", "DOT"])
def test_the_picture_is_saved_as_a_file(picture: Picture, kind: str) -> None:
    picture.open()
    picture.tab.find("summary[aria-label='Save as a file']").click()
    with picture.page.expect_download() as download:
        picture.page.locator(".menu-item", has_text=kind).click()
    assert download.value.suggested_filename == f"mesh-{picture.drawn()['index']}.{kind.lower()}"
    assert download.value.path().stat().st_size > 100


def test_a_picture_whose_gpu_is_reset_is_drawn_again(picture: Picture) -> None:
    picture.open("?hide=name+%3D+db")
    picture.expect_said("3 services")
    picture.page.evaluate(
        """() => {
          const canvas = document.querySelector(".sigma-nodes");
          window.lost = canvas;
          canvas.getContext("webgl2").getExtension("WEBGL_lose_context").loseContext();
        }"""
    )
    picture.page.wait_for_function(
        "() => { const now = document.querySelector('.sigma-nodes');"
        "        return now && now !== window.lost; }"
    )
    picture.expect_said("3 services")


def test_without_webgl_there_are_the_words(picture: Picture) -> None:
    picture.page.add_init_script(
        "const real = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        "  return kind.startsWith('webgl') ? null : real.call(this, kind, ...more); };"
    )
    picture.open()
    expect(picture.tab.find(".graph-outline")).to_be_visible()
    picture.expect_said("4 services")
