import pytest

from dashboard.intentions.commands import command
from meshcore.intentions.types import Intention, Permission, RequestMatch, ServiceIntentions

ALLOW = Intention(source="web", destination="api", action="allow")
DENY = Intention(source="web", destination="api", action="deny", description="it's closed")
ANYBODY = Intention(source="*", destination="api", action="deny")
BY_REQUEST = Intention(
    source="web",
    destination="api",
    permissions=(Permission(action="allow", http=RequestMatch(path_prefix="/v1")),),
)


def to_api(*intentions: Intention) -> ServiceIntentions:
    return ServiceIntentions(destination="api", intentions=intentions)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ((), (ALLOW,), "tulle intention create web api --allow"),
        (
            (ALLOW, ANYBODY),
            (DENY, ANYBODY),
            "tulle intention create web api --deny --replace --description 'it'\"'\"'s closed'",
        ),
        ((), (ANYBODY,), "tulle intention create '*' api --deny"),
        ((ALLOW, ANYBODY), (ALLOW,), "tulle intention delete '*' api"),
        ((ALLOW, ANYBODY), (), "tulle config delete --kind service-intentions --name api"),
        ((ALLOW,), (BY_REQUEST,), "tulle apply -f api.yaml"),
        ((ALLOW,), (DENY, ANYBODY), "tulle apply -f api.yaml"),
        ((ALLOW,), (ALLOW,), ""),
    ],
)
def test_command_line_makes_the_same_change(
    before: tuple[Intention, ...], after: tuple[Intention, ...], line: str
) -> None:
    assert command(to_api(*before), to_api(*after), language="yaml") == line
