"""The page that explains one call."""

import pytest

from dashboard.intentions.explaining import Answer, Line, explained, summary
from meshcore.lib.errors import DeniedError
from meshcore.store.callers import ANYBODY, Caller
from tests.dashboard.asking import Dashboard, asking, holder, put
from tests.topology.meshes import allow, deny, http, mesh, only_gets, service, toward

MESH = mesh(
    service("web"),
    service("api"),
    http("api"),
    toward(allow("cart", "api"), only_gets("web", "api"), deny("*", "api")),
)
ASKED = {"source": "web", "destination": "api", "method": "POST", "path": "/v1"}


def answer_of(caller: Caller = ANYBODY, /, **params: str) -> Answer | None:
    request = asking(MESH, caller=caller, params=tuple(params.items()))
    found = explained(request).context["answer"]
    assert found is None or isinstance(found, Answer)
    return found


def test_a_call_is_explained_with_what_was_tried_and_what_is_nearest() -> None:
    answer = answer_of(**ASKED)
    assert answer is not None
    assert (answer.verdict, answer.found.by_default) == ("default-deny", True)
    assert answer.lines == (
        Line(
            title="cart → api",
            source="cart",
            destination="api",
            precedence=9,
            why="it is about calls of cart",
        ),
        Line(
            title="web → api, permission 1",
            source="web",
            destination="api",
            precedence=9,
            why="the method is POST, not GET",
            permission=0,
        ),
    )
    assert answer.found.nearest is not None
    assert answer.found.nearest.unmet[0].field == "method"
    assert answer.curl == (
        'curl -H "X-Consul-Token: $TULLE_HTTP_TOKEN"'
        ' "http://$TULLE_HTTP_ADDR/api/explain?source=web&destination=api&method=POST&path=%2Fv1"'
    )


def test_intentions_about_other_callers_are_counted_when_there_are_many() -> None:
    many = mesh(toward(*(allow(f"cart-{number}", "api") for number in range(20))))
    found = explained(asking(many, params=(("source", "web"), ("destination", "api"))))
    answer = found.context["answer"]
    assert isinstance(answer, Answer)
    assert (len(answer.lines), answer.others) == (5, 15)


def test_what_decides_is_the_last_line() -> None:
    answer = answer_of(source="db", destination="api")
    assert answer is not None
    assert (answer.lines[-1].title, answer.lines[-1].verdict) == ("* → api", "deny")
    assert answer.command == "tulle intention check db api"


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"source": "web"}, "destination is missing: which service?"),
        ({"source": "web", "destination": "*"}, "destination must be the name of one service"),
        ({**ASKED, "header": "x"}, "&quot;x&quot; is no header: write name: value"),
    ],
)
def test_what_cannot_be_answered_is_said_beside_the_form(
    dashboard: Dashboard, params: dict[str, str], sentence: str
) -> None:
    query = "&".join(f"{name}={value}" for name, value in params.items())
    answer = dashboard.get(f"/ui/intentions/explain?{query}")
    assert answer.status_code == 200
    assert sentence in answer.content.decode()


def test_the_question_is_open_until_both_sides_are_named(dashboard: Dashboard) -> None:
    assert "Which call?" in dashboard.text("/ui/intentions/explain")


def test_either_side_may_ask_and_sees_the_intentions_that_it_may_read() -> None:
    reader = holder('service "web" { policy = "read" intentions = "read" }')
    answer = answer_of(reader, **ASKED)
    assert answer is not None
    assert [line.title for line in answer.lines] == ["web → api, permission 1"]
    assert answer.may_write is False
    with pytest.raises(DeniedError):
        answer_of(holder('service "db" { policy = "read" }'), **ASKED)


def test_panel_shows_the_answer_alone(dashboard: Dashboard) -> None:
    put(dashboard, toward(allow("web", "api")))
    text = dashboard.text("/ui/intentions/explain/answer?source=web&destination=api")
    assert "The intention from web to api says allow." in text
    assert "The service that calls" not in text
    request = asking(MESH, params=(("source", "web"), ("destination", "api")))
    assert summary(request).title == "web → api"


def test_what_is_asked_is_text(dashboard: Dashboard) -> None:
    probe = "%3Cimg%20src%3Dx%3E"
    for query in (f"source={probe}&destination=api", f"source=web&destination=api&path=/{probe}"):
        assert "<img" not in dashboard.get(f"/ui/intentions/explain?{query}").content.decode()
