import pytest

from meshcore.acl.authorizer import UNRESTRICTED, Authorizer, compiled
from meshcore.acl.rules import Access, Rule, RuleKind, exactly
from meshcore.intentions.types import Intention
from meshcore.mesh.sight import Sight
from meshcore.registry.types import Check, Instance

WEB = Instance(node="node-1", id="web-1", service="web")
WEB_2 = Instance(node="node-2", id="web-2", service="web")
API = Instance(node="node-1", id="api-1", service="api")


def reader(*names: tuple[RuleKind, str]) -> Authorizer:
    rules = [exactly(kind, name, Access.READ) for kind, name in names]
    return compiled([rules], default_allow=False)


OF_WEB = reader((RuleKind.SERVICE, "web"), (RuleKind.NODE, "node-1"))


@pytest.mark.parametrize(
    ("instance", "is_shown"),
    [
        pytest.param(WEB, True, id="its service and its node may be read"),
        pytest.param(WEB_2, False, id="its node may not be read"),
        pytest.param(API, False, id="its service may not be read"),
    ],
)
def test_an_instance_is_shown_to_who_may_read_service_and_node(
    instance: Instance, *, is_shown: bool
) -> None:
    sight = Sight(OF_WEB)
    assert sight.instance(instance) is is_shown
    assert sight.has_hidden is not is_shown


@pytest.mark.parametrize(
    ("check", "is_shown"),
    [
        (Check(node="node-1", id="disk", name="disk"), True),
        (Check(node="node-2", id="disk", name="disk"), False),
        (Check(node="node-1", id="http", name="http", service_id="web-1", service="web"), True),
        (Check(node="node-2", id="http", name="http", service_id="web-2", service="web"), False),
        (Check(node="node-1", id="grpc", name="grpc", service_id="api-1", service="api"), False),
    ],
)
def test_a_check_is_shown_with_its_node_and_its_service(check: Check, *, is_shown: bool) -> None:
    assert Sight(OF_WEB).check(check) is is_shown


@pytest.mark.parametrize(
    ("source", "destination", "is_shown"),
    [
        ("web", "api", True),
        ("api", "web", True),
        ("api", "db", False),
        ("*", "db", True),
        ("api", "*", True),
    ],
)
def test_an_intention_is_shown_to_either_side(
    source: str, destination: str, *, is_shown: bool
) -> None:
    assert Sight(OF_WEB).intention(Intention(source=source, destination=destination)) is is_shown


def test_services_that_may_be_read_keep_their_order() -> None:
    sight = Sight(OF_WEB)
    assert sight.services(["api", "web", "db"]) == ["web"]
    assert sight.has_hidden
    sight = Sight(UNRESTRICTED)
    assert sight.services(["api", "web", "db"]) == ["api", "web", "db"]
    assert not sight.has_hidden


def test_all_rules_of_a_row_have_to_hold() -> None:
    web, api = (exactly(RuleKind.SERVICE, name, Access.READ) for name in ("web", "api"))
    mesh = Rule(RuleKind.MESH, Access.READ)
    sight = Sight(OF_WEB)
    assert [sight.all_of(rules) for rules in ((), (web,), (web, api), (mesh,))] == [
        True,
        True,
        False,
        False,
    ]
