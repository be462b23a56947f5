from dashboard.intentions.evaluation import Step, evaluation
from meshcore.intentions.types import Action, Intention, ServiceIntentions


def intention(source: str, destination: str, action: Action) -> Intention:
    return Intention(source=source, destination=destination, action=action)


EVERYWHERE = ServiceIntentions(
    destination="*",
    intentions=(intention("web", "*", "allow"), intention("*", "*", "deny")),
)


def test_steps_stand_by_precedence_and_say_whose_calls_they_decide() -> None:
    own = [intention("api", "db", "allow")]
    assert evaluation("db", own, EVERYWHERE, default_allow=False) == (
        Step(
            number=1,
            verdict="allow",
            about="calls of api",
            words="allow",
            source="api",
            destination="db",
            precedence=9,
        ),
        Step(
            number=2,
            verdict="allow",
            about="calls of web to any service",
            words="allow",
            source="web",
            destination="*",
            precedence=6,
            is_elsewhere=True,
        ),
        Step(
            number=3,
            verdict="deny",
            about="calls of every other service to any service",
            words="deny",
            source="*",
            destination="*",
            precedence=5,
            is_elsewhere=True,
        ),
        Step(
            number=4,
            verdict="default-deny",
            about="calls of every other service",
            words="the default policy",
            is_reached=False,
        ),
    )


def test_what_no_call_is_left_for_is_said_not_to_be_reached() -> None:
    own = [intention("*", "db", "deny"), intention("web", "db", "deny")]
    steps = evaluation("db", own, EVERYWHERE, default_allow=True)
    assert [(step.source, step.destination, step.is_reached) for step in steps] == [
        ("web", "db", True),
        ("*", "db", True),
        ("web", "*", False),
        ("*", "*", False),
        ("", "", False),
    ]


def test_without_intentions_the_default_policy_decides_all_calls() -> None:
    (only,) = evaluation("*", [], EVERYWHERE, default_allow=True)
    assert only == Step(
        number=1, verdict="default-allow", about="all calls", words="the default policy"
    )
