import pytest

from dashboard.intentions.words import summary
from meshcore.intentions.types import HeaderMatch, Intention, Permission, RequestMatch


def by(*permissions: Permission) -> Intention:
    return Intention(source="web", destination="api", permissions=permissions)


@pytest.mark.parametrize(
    ("intention", "words"),
    [
        (Intention(source="web", destination="api", action="deny"), "deny"),
        (
            by(
                Permission(
                    action="allow", http=RequestMatch(path_prefix="/v1", methods=("GET", "PUT"))
                ),
                Permission(action="deny", http=RequestMatch(path_exact="/admin")),
            ),
            "allow GET or PUT /v1…, deny /admin",
        ),
        (
            by(
                Permission(
                    action="allow",
                    http=RequestMatch(
                        path_regex="/v[12]",
                        headers=(
                            HeaderMatch(name="x-role", exact="admin", ignore_case=True),
                            HeaderMatch(name="x-debug", present=True, is_inverted=True),
                            HeaderMatch(name="x-team", prefix="red", is_inverted=True),
                        ),
                    ),
                ),
            ),
            "allow paths like /v[12] with x-role = admin in any case and x-debug absent"
            " and x-team not beginning with red",
        ),
    ],
)
def test_intention_is_said_in_words(intention: Intention, words: str) -> None:
    assert summary(intention) == words
