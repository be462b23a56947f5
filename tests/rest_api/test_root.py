"""The list of endpoints and the OpenAPI document."""

from html.parser import HTMLParser

import pytest

from tests.rest_api.asking import Api

JSON = "application/json"


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if tag == "a" and name == "href" and value}


def test_the_root_lists_what_there_is(open_api: Api) -> None:
    found = open_api.get("/api/").json
    assert found["version"] == "1"
    endpoints = {endpoint["path"]: endpoint for endpoint in found["endpoints"]}
    assert endpoints["/api/graph"] == {
        "path": "/api/graph",
        "methods": ["GET"],
        "summary": "Services as vertices, calls as edges with their verdicts and their traffic",
        "is_link": True,
    }


def test_a_browser_can_walk_from_the_root(open_api: Api) -> None:
    page = open_api.get("/api/", Accept="text/html")
    links = Links()
    links.feed(page.body.decode())
    assert {"/api/graph", "/api/services", "/api/changes"} <= links.found
    assert "/api/explain" not in links.found  # it wants to be asked about something
    for link in sorted(links.found):
        if link.startswith("/api/"):
            assert open_api.get(link, Accept="text/html").status == 200


def test_the_document_is_made_without_a_warning(
    open_api: Api, capfd: pytest.CaptureFixture[str]
) -> None:
    document = open_api.get("/api/schema").json
    assert (document["openapi"], document["info"]["title"]) == ("3.1.0", "Tulle")
    assert capfd.readouterr().err == ""


def test_every_reference_leads_to_a_schema(open_api: Api) -> None:
    document = open_api.get("/api/schema").json
    schemas = document["components"]["schemas"]
    found = set(references(document))
    assert {each.rpartition("/")[2] for each in found} <= set(schemas)
    answer = document["paths"]["/api/graph"]["get"]["responses"]["200"]["content"][JSON]
    assert answer["schema"] == {"$ref": "#/components/schemas/LiveGraph"}


def references(document: object) -> list[str]:
    if isinstance(document, list):
        return [each for item in document for each in references(item)]
    if not isinstance(document, dict):
        return []
    own = [document["$ref"]] if "$ref" in document else []
    return own + [each for item in document.values() for each in references(item)]
