import json
from pathlib import Path
from xml.etree import ElementTree

from tests.cli.conftest import Tulle


def drawn(tulle: Tulle) -> None:
    tulle("intention", "create", "cart", "stock", "--allow")
    tulle("intention", "create", "stock", "shelf", "--deny")


def test_the_graph_is_drawn_for_graphviz(tulle: Tulle) -> None:
    drawn(tulle)
    out, err, code = tulle("graph")
    assert (err, code) == ("", 0)
    assert out.startswith("digraph mesh {\n")
    assert '"cart" -> "stock"' in out
    assert '"stock" -> "shelf"' in out
    assert '"shelf"' not in tulle("graph", "--focus", "cart").out
    assert '"shelf"' in tulle("graph", "--focus", "cart", "--hops", "2").out


def test_the_graph_is_written_as_a_picture(tulle: Tulle, tmp_path: Path) -> None:
    drawn(tulle)
    file = tmp_path / "mesh.svg"
    assert tulle("graph", "--format", "svg", "--output", str(file)) == (f"Written: {file}\n", "", 0)
    assert ElementTree.parse(file).getroot().tag.endswith("svg")
    refused = tulle("graph", "--output", str(tmp_path))
    assert refused == ("", f"Error: {tmp_path} cannot be written: Is a directory\n", 2)


def test_as_json_it_is_what_the_api_answers(tulle: Tulle) -> None:
    drawn(tulle)
    graph = json.loads(tulle("graph", "--format", "json").out)
    assert [vertex["service"] for vertex in graph["vertices"]] == ["cart", "shelf", "stock"]


def test_a_service_that_is_not_there_is_named(tulle: Tulle) -> None:
    assert tulle("graph", "--focus", "nobody") == (
        "",
        "Error: no service nobody is in the graph\n",
        1,
    )
