from functools import partial

from dashboard.intentions.effects import Effect, Effects, Names, effects
from meshcore.actions import intentions
from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.mesh.types import Change, Mesh
from tests.dashboard.asking import NOW
from tests.topology.meshes import allow, deny, mesh, service, toward

MESH = mesh(
    service("web", calls=["api"]),
    service("api", calls=["db"]),
    service("db"),
    toward(allow("web", "api"), allow("api", "db")),
)
effects_of = partial(effects, MESH, services={"web", "api", "db"}, default_allow=False)


def put(before: Mesh, *written: Intention) -> list[Change]:
    entry = ServiceIntentions(destination=written[0].destination, intentions=written)
    return list(intentions.put_entry(before, entry, now=NOW))


def test_calls_that_are_decided_otherwise_are_named() -> None:
    assert effects_of(put(MESH, allow("web", "api"), allow("db", "api"))) == Effects(
        pairs=1,
        effects=(
            Effect(
                before="default-deny",
                after="allow",
                says="may call",
                sources=Names(("db",)),
                others=0,
                destinations=Names(("api",)),
            ),
        ),
    )


def test_calls_that_a_proxy_makes_and_that_are_let_through_no_more_are_said_to_break() -> None:
    assert effects_of(put(MESH, deny("*", "api"))) == Effects(
        pairs=1,
        effects=(
            Effect(
                before="allow",
                after="deny",
                says="may no longer call",
                sources=Names(("web",)),
                others=0,
                destinations=Names(("api",)),
            ),
        ),
        broken=(("web", "api"),),
    )


def test_nothing_is_affected_by_no_change() -> None:
    assert effects_of([]) == Effects()


def test_a_service_that_may_not_be_seen_is_not_named() -> None:
    found = effects(MESH, put(MESH, deny("*", "api")), services={"api", "db"}, default_allow=False)
    assert found == Effects()
