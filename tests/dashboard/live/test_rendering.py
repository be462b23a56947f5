"""How a page is taken apart, and what is made of two renderings of it."""

import asyncio
from datetime import UTC, datetime

import pytest
from django.template import engines
from websockets.frames import Frame, Opcode

from dashboard import rendering
from dashboard.live.messages import News, Said, difference, header, whole
from dashboard.live.tab import MOST_WAITING, Close, Tab
from dashboard.rendering import Rendered
from meshcore.topology.types import Graph
from tests.topology.meshes import allow, drawn, service, toward

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEMPLATE = """<main>{% for row in rows %}{% live "row-"|add:row.0 %}
<p id="row-{{ row.0 }}">{{ row.1 }}</p>{% endlive %}{% endfor %}</main>"""


def rendered(*rows: tuple[str, str], template: str = TEMPLATE, title: str = "T") -> Rendered:
    blocks: dict[str, str] = {}
    made = engines["django"].from_string(template)
    skeleton = made.render({"rows": rows, "live_blocks": blocks})
    return Rendered(title, skeleton, blocks)


def news(before: Rendered, after: Rendered) -> News:
    return difference(before, after, watch="/ui/", index=2, at=NOW)


def test_blocks_are_put_back_into_their_places() -> None:
    content = rendered(("a", "1"), ("b", "<2>"))
    assert content.blocks == {
        "row-a": '<p id="row-a">1</p>',
        "row-b": '<p id="row-b">&lt;2&gt;</p>',
    }
    assert content.html == '<main><p id="row-a">1</p><p id="row-b">&lt;2&gt;</p></main>'


def test_only_blocks_that_differ_are_sent() -> None:
    before, after = rendered(("a", "1"), ("b", "1")), rendered(("a", "1"), ("b", "2"))
    made = news(before, after)
    assert (made.blocks, made.page) == ({"row-b": '<p id="row-b">2</p>'}, "")
    assert made.version == after.version != before.version


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(rendered(("a", "1")), id="a row is gone"),
        pytest.param(rendered(("a", "1"), ("c", "1")), id="a row has another name"),
        pytest.param(rendered(("b", "1"), ("a", "1")), id="rows have changed places"),
    ],
)
def test_page_is_sent_when_more_than_blocks_differ(after: Rendered) -> None:
    made = news(rendered(("a", "1"), ("b", "1")), after)
    assert (made.blocks, made.page) == ({}, after.html)


def test_title_alone_can_change() -> None:
    made = news(rendered(("a", "1")), rendered(("a", "1"), title="T2"))
    assert (made.title, made.blocks, made.page) == ("T2", {}, "")


def test_what_a_service_writes_is_never_taken_for_a_mark() -> None:
    attack = f"<{rendering.MARK}row-a>"
    content = rendered(("a", attack))
    assert content.html == f'<main><p id="row-a">&lt;{rendering.MARK}row-a&gt;</p></main>'


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ('{% live "a" %}{% endlive %}{% live "a" %}{% endlive %}', "two live blocks"),
        ('{% live "a b" %}{% endlive %}', "cannot be the id of an element"),
        ('{% live "a" %}{% live "b" %}{% endlive %}{% endlive %}', "holds another one"),
    ],
)
def test_blocks_that_cannot_work_are_refused(template: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        rendered(template=template)


def of_graph(graph: Graph) -> Rendered:
    return Rendered("Graph", "<main></main>", {}, graph)


def test_graph_is_told_by_what_has_changed_of_it() -> None:
    before = drawn(service("web", calls=["api"]), service("api"), service("db"))
    after = drawn(
        service("web", calls=["api"]),
        service("api", status="critical"),
        service("cache"),
        toward(allow("web", "cache")),
    )
    change = news(of_graph(before), of_graph(after)).graph
    assert not isinstance(change, Graph)
    assert change is not None
    assert [vertex.service for vertex in change.vertices] == ["api", "cache"]
    assert change.gone_vertices == ("db",)
    assert [edge.key for edge in change.edges] == [("web", "cache")]
    assert change.gone_edges == ()
    assert whole(of_graph(after), watch="", index=2, at=NOW).graph == after


def said(text: str) -> Said:
    return Said(text.encode(), b"framed " + text.encode())


async def sent(tab: Tab) -> tuple[list[str], Close]:
    texts: list[str] = []

    async def write(text: str) -> None:
        texts.append(text)

    return texts, await tab.run(write)


def test_tab_is_sent_what_waits_before_it_is_closed() -> None:
    async def run() -> tuple[list[str], Close]:
        tab = Tab()
        tab.send(said("1"))
        tab.close(4401, "over")
        tab.send(said("2"))
        return await sent(tab)

    assert asyncio.run(run()) == (["1"], Close(4401, "over"))


def test_tab_that_does_not_read_is_closed_and_keeps_nothing() -> None:
    async def run() -> tuple[list[str], Close]:
        tab = Tab()
        for number in range(MOST_WAITING + 1):
            tab.send(said(str(number)))
        return await sent(tab)

    assert asyncio.run(run()) == ([], Close(4408, "this tab does not keep up"))


def test_tab_that_keeps_up_is_written_frames_at_once_and_in_order() -> None:
    frames: list[bytes] = []
    behind: list[bool] = []
    is_free = True

    def write_now(frame: bytes) -> bool:
        if is_free:
            frames.append(frame)
        return is_free

    async def run() -> tuple[list[str], Close]:
        nonlocal is_free
        tab = Tab(write_now)
        tab.send(said("1"))
        behind.append(tab.is_behind)
        is_free = False
        tab.send(said("2"))
        behind.append(tab.is_behind)
        is_free = True
        tab.send(said("3"))  # not before what waits
        tab.close(4401, "over")
        return await sent(tab)

    assert asyncio.run(run()) == (["2", "3"], Close(4401, "over"))
    assert (frames, behind) == ([b"framed 1"], [False, True])


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
def test_frame_is_one_that_any_browser_reads(length: int) -> None:
    text = b"x" * length
    assert header(length) + text == Frame(Opcode.TEXT, text).serialize(mask=False)
