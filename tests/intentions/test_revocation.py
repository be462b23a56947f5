import pytest

from meshcore.intentions.revocation import revokes
from meshcore.intentions.types import Intention, Permission


def allow(source: str) -> Intention:
    return Intention(source=source, destination="db", action="allow")


def deny(source: str) -> Intention:
    return Intention(source=source, destination="db", action="deny")


def only_some_requests(source: str) -> Intention:
    return Intention(source=source, destination="db", permissions=(Permission(action="allow"),))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([allow("web")], [deny("web")], id="allowed, then denied"),
        pytest.param([allow("web")], [], id="allowed, then left to the default"),
        pytest.param([], [deny("web")], id="left to the default, then denied"),
        pytest.param([allow("*")], [allow("*"), deny("web")], id="an exception from allowing all"),
        pytest.param([allow("web"), deny("*")], [deny("*")], id="an exception from denying goes"),
        pytest.param([allow("web")], [allow("api")], id="the right goes to another"),
        pytest.param([allow("web")], [only_some_requests("web")], id="permissions need HTTP"),
    ],
)
def test_somebody_loses_the_right_to_connect(
    before: list[Intention], after: list[Intention]
) -> None:
    assert revokes(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param([allow("web")], [allow("web"), allow("api")], id="one more is allowed"),
        pytest.param([], [allow("web")], id="the first is allowed"),
        pytest.param([deny("*")], [deny("*"), allow("web")], id="an exception from denying all"),
        pytest.param([deny("web")], [], id="denied, then left to the default"),
        pytest.param([allow("*")], [allow("*"), allow("web")], id="allowed twice over"),
        pytest.param([deny("web")], [only_some_requests("web")], id="denied one way, then another"),
    ],
)
def test_nobody_loses_the_right_to_connect(before: list[Intention], after: list[Intention]) -> None:
    assert not revokes(before, after)
