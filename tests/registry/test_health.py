import pytest

from meshcore.registry.health import Followed, aggregate, followed, is_passing
from meshcore.registry.types import Check, Status


def check(status: Status, *, check_id: str = "alive") -> Check:
    return Check(node="node-1", id=check_id, name="Alive", status=status, output="why")


@pytest.mark.parametrize(
    ("checks", "worst"),
    [
        ([], "passing"),
        ([check("passing"), check("warning")], "warning"),
        ([check("critical"), check("warning")], "critical"),
        ([check("critical"), check("critical", check_id="_node_maintenance")], "maintenance"),
        ([check("critical", check_id="_service_maintenance:web")], "maintenance"),
    ],
)
def test_worst_check_decides(checks: list[Check], worst: str) -> None:
    assert aggregate(checks) == worst
    assert is_passing(checks) == (worst == "passing")


@pytest.mark.parametrize(
    ("checks", "is_registered", "shown"),
    [
        ([], True, Followed("passing", "No checks found.")),
        ([check("passing")], True, Followed("passing", "All checks passing.")),
        ([check("warning")], True, Followed("warning", 'Aliased check "Alive" failing: why')),
        ([], False, Followed("critical", "Service web could not be found")),
    ],
)
def test_alias_shows_the_worst_of_what_it_follows(
    *, checks: list[Check], is_registered: bool, shown: Followed
) -> None:
    assert followed(checks, is_registered=is_registered, name="web") == shown
