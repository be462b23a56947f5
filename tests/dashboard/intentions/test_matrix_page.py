"""The matrix: which rows and columns, what their cells say, and to whom."""

import pytest

from dashboard.intentions import matrix_page
from dashboard.intentions.matrix_page import Axis, Group, OutcomeShown
from dashboard.pages import Page
from meshcore.lib.errors import InvalidError
from meshcore.mesh.types import Mesh
from meshcore.store.callers import ANYBODY, Caller
from tests.dashboard.asking import Dashboard, asking, holder, put
from tests.topology.meshes import allow, deny, http, mesh, only_gets, service, toward

MESH = mesh(
    service("web", meta={"team": "shop"}),
    service("api", meta={"team": "shop"}),
    service("db"),
    http("api"),
    toward(only_gets("web", "api"), allow("api", "db"), deny("*", "*")),
)
MANY = mesh(*(service(f"s-{number:03}") for number in range(70)), toward(deny("*", "s-000")))


def page(of: Mesh = MESH, caller: Caller = ANYBODY, /, **params: str) -> Page:
    return matrix_page.page(asking(of, caller=caller, params=tuple(params.items())))


def axis(shown: Page, name: str) -> Axis:
    found = shown.context[name]
    assert isinstance(found, Axis)
    return found


def verdicts(shown: Page) -> dict[str, list[str]]:
    table = shown.context["table"]
    assert isinstance(table, tuple)
    return {row.line.service: [cell.verdict for cell in row.cells] for row in table}


def test_rows_call_columns_and_stand_by_their_groups() -> None:
    shown = page()
    columns = axis(shown, "columns")
    assert [line.service for line in columns.lines] == ["db", "api", "web"]
    assert columns.groups == (Group("", 1), Group("shop", 2))
    assert verdicts(shown) == {
        "db": ["deny", "deny", "deny"],
        "api": ["allow", "deny", "deny"],
        "web": ["deny", "conditional", "deny"],
    }


def test_cells_name_what_decides_them_by_a_number() -> None:
    outcomes = page().context["outcomes"]
    assert isinstance(outcomes, tuple)
    assert outcomes[0] == OutcomeShown(
        number=0,
        verdict="deny",
        reason="the intention from * to * says deny",
        source="*",
        destination="*",
        precedence=5,
    )
    assert [each.number for each in outcomes] == list(range(len(outcomes)))


def test_many_services_stand_together_when_their_rules_are_equal() -> None:
    shown = page(MANY)
    assert [(line.service, line.others) for line in axis(shown, "columns").lines] == [
        ("s-000", 0),
        ("s-001", 68),
    ]
    assert [(line.service, line.others) for line in axis(shown, "rows").lines] == [("s-000", 69)]


def test_what_does_not_fit_is_a_window_further() -> None:
    shown = page(MANY, by="service", row="61")
    rows, columns = axis(shown, "rows"), axis(shown, "columns")
    assert (rows.first, rows.last, rows.total) == (61, 70, 70)
    assert (rows.before, rows.after) == ("?by=service", "")
    assert (columns.first, columns.last, columns.after) == (1, 60, "?by=service&row=61&column=61")


def test_rows_and_columns_are_those_that_are_looked_for() -> None:
    shown = page(q="shop web")
    assert verdicts(shown) == {"web": ["deny"]}
    assert page(q="nothing").context["table"] == ()


@pytest.mark.parametrize("params", [{"row": "x"}, {"by": "colour"}])
def test_what_cannot_be_shown_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(InvalidError):
        page(**params)


def test_columns_are_those_whose_intentions_may_be_read() -> None:
    rules = 'service_prefix "" { policy = "read" intentions = "deny" } '
    rules += 'service "api" { policy = "read" intentions = "read" }'
    shown = page(MESH, holder(rules))
    assert [line.service for line in axis(shown, "columns").lines] == ["api"]
    assert shown.is_filtered


def test_page_is_shown(dashboard: Dashboard) -> None:
    put(dashboard, service("web"), service("api"), toward(allow("web", "api")))
    html = dashboard.get("/ui/intentions/matrix").content.decode()
    assert '<td role="gridcell" data-v="allow" data-o="1">✓</td>' in html
