import pytest

from meshcore.intentions.precedence import deciding, ordered, rank
from meshcore.intentions.types import Intention


def allow(source: str, destination: str) -> Intention:
    return Intention(source=source, destination=destination, action="allow")


def deny(source: str, destination: str) -> Intention:
    return Intention(source=source, destination=destination, action="deny")


@pytest.mark.parametrize(
    ("intention", "expected"),
    [
        (allow("web", "db"), 9),
        (allow("*", "db"), 8),
        (allow("web", "*"), 6),
        (allow("*", "*"), 5),
    ],
)
def test_ranks_are_consul_s_numbers(intention: Intention, expected: int) -> None:
    assert rank(intention) == expected


@pytest.mark.parametrize(
    ("wins", "loses"),
    [
        pytest.param(allow("web", "db"), deny("*", "db"), id="exact source over any source"),
        pytest.param(deny("*", "db"), allow("web", "*"), id="exact destination over exact source"),
        pytest.param(allow("web", "*"), deny("*", "*"), id="exact source over nothing exact"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_more_specific_intention_decides(wins: Intention, loses: Intention, order: int) -> None:
    intentions = [wins, loses][::order]
    assert deciding(intentions, source="web", destination="db") == wins


def test_nothing_decides_a_call_that_no_intention_covers() -> None:
    assert deciding([allow("web", "db")], source="api", destination="db") is None


def test_intention_about_another_mesh_s_service_decides_no_call_here() -> None:
    peered = Intention(source="web", destination="db", source_peer="east", action="allow")
    assert deciding([peered], source="web", destination="db") is None


def test_order_is_by_rank_and_then_by_name() -> None:
    intentions = [deny("*", "*"), allow("web", "db"), deny("*", "db"), allow("api", "db")]
    assert ordered(intentions) == (
        allow("api", "db"),
        allow("web", "db"),
        deny("*", "db"),
        deny("*", "*"),
    )
