import pytest

from meshcore.cli.dev.following import differences, summary


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param({}, {("*", "*"): "deny"}, ["* → * deny"], id="written"),
        pytest.param({("*", "*"): "deny"}, {}, ["* → * deleted"], id="deleted"),
        pytest.param(
            {("web", "api"): "deny", ("api", "db"): "allow"},
            {("web", "api"): "allow", ("api", "db"): "allow"},
            ["web → api allow"],
            id="only the changed one is told",
        ),
    ],
)
def test_differences_are_told(
    before: dict[tuple[str, str], str], after: dict[tuple[str, str], str], lines: list[str]
) -> None:
    assert differences(before, after) == lines


def test_an_intention_with_permissions_is_said_to_decide_by_request() -> None:
    listed: list[dict[str, object]] = [
        {"SourceName": "web", "DestinationName": "api", "Permissions": [{"Action": "allow"}]},
        {"SourceName": "api", "DestinationName": "db", "Action": "deny"},
    ]
    assert summary(listed) == {("web", "api"): "by request (L7)", ("api", "db"): "deny"}
