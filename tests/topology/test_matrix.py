"""Who may call whom by classes, and what a change of intentions changes of it."""

from hypothesis import given
from hypothesis import strategies as st

from meshcore.intentions.types import Intention
from meshcore.mesh.types import Mesh
from meshcore.topology.affected import Affected, affected
from meshcore.topology.graph import whole
from meshcore.topology.matrix import Matrix, matrix, table
from meshcore.topology.rules import PairVerdict, rules, verdict
from tests.topology.meshes import allow, deny, http, mesh, only_gets, service, toward
from tests.topology.strategies import NAMES, meshes


def of(given: Mesh, *, default_allow: bool = False, hidden: str = "") -> Matrix:
    return matrix(
        whole(given, default_allow=default_allow).vertices,
        rules(given.intentions),
        default_allow=default_allow,
        may_see_intentions=lambda name: name != hidden,
    )


def said(mesh: Mesh, source: str, destination: str, *, default_allow: bool) -> PairVerdict:
    return verdict(
        rules(mesh.intentions).deciding(source, destination),
        is_http=mesh.config_entries.speaks_http(destination),
        default_allow=default_allow,
    )


def named(mesh: Mesh, destination: str) -> set[str]:
    """The sources that intentions toward it name."""
    found = rules(mesh.intentions)
    return {source for end in (destination, "*") for source in found.toward(end).exact}


def test_services_with_the_same_rules_are_one_row_and_one_column() -> None:
    found = of(
        mesh(
            *(service(name) for name in ("web", "shop", "api", "db")),
            toward(allow("web", "api"), allow("shop", "api"), deny("*", "db")),
        )
    )
    assert [each.services for each in found.sources] == [("api", "db"), ("shop", "web")]
    assert [each.services for each in found.destinations] == [("api",), ("db",), ("shop", "web")]
    assert [(each.source, each.destination, each.outcome.verdict) for each in found.cells] == [
        (1, 0, "allow")
    ]
    outcomes = table(found, rows=range(2), columns=range(3))
    assert [[each.reason for each in row] for row in outcomes] == [
        [
            "no intention covers the call: the default policy is deny",
            "the intention from * to db says deny",
            "no intention covers the call: the default policy is deny",
        ],
        [
            "the intention from shop to api says allow",
            "the intention from * to db says deny",
            "no intention covers the call: the default policy is deny",
        ],
    ]


def test_five_thousand_services_without_intentions_are_one_cell() -> None:
    found = of(mesh(*(service(f"s{number}", has_sidecar=False) for number in range(5000))))
    assert (len(found.sources), len(found.destinations), found.cells) == (1, 1, ())


def test_classes_do_not_reach_beyond_a_group() -> None:
    found = of(mesh(service("web"), service("api", meta={"group": "shop"})))
    assert [(each.group, each.services) for each in found.sources] == [
        ("", ("web",)),
        ("shop", ("api",)),
    ]
    assert found.groups == ("", "shop")


def test_columns_whose_intentions_may_not_be_read_are_left_out() -> None:
    given = mesh(service("web"), service("db"), toward(allow("web", "db")))
    found = of(given, hidden="db")
    assert [each.services for each in found.destinations] == [("web",)]
    assert [each.services for each in found.sources] == [("db", "web")]
    assert (found.cells, found.hidden) == ((), 1)


@given(meshes(), st.booleans())
def test_the_matrix_agrees_with_the_verdict_on_each_pair(
    mesh: Mesh,
    default_allow: bool,  # noqa: FBT001 hypothesis gives it
) -> None:
    found = of(mesh, default_allow=default_allow)
    columns = range(len(found.destinations))
    rows = table(found, rows=range(len(found.sources)), columns=columns)
    for source, row in zip(found.sources, rows, strict=True):
        for destination, outcome in zip(found.destinations, row, strict=True):
            for caller in source.services:
                for callee in destination.services:
                    expected = said(mesh, caller, callee, default_allow=default_allow)
                    assert outcome.verdict == expected.verdict
                    assert outcome.by_default == expected.by_default


ALLOWED = PairVerdict(verdict="allow", reason="the intention from web to api says allow")
NO_INTENTION = "no intention covers the call: the default policy is"


def test_a_proposal_says_whom_it_affects() -> None:
    services = [service(name) for name in ("web", "api", "db")]
    before, after = mesh(*services), mesh(*services, toward(allow("web", "api")))
    assert [*affected(before, after, services=NAMES, default_allow=False)] == [
        Affected(
            sources=("web",),
            others=0,
            destinations=("api",),
            before=PairVerdict(verdict="deny", by_default=True, reason=f"{NO_INTENTION} deny"),
            after=ALLOWED,
        )
    ]


def test_other_permissions_affect_whom_they_are_about() -> None:
    before = mesh(http("api"), toward(only_gets("web", "api")))
    wider = only_gets("web", "api").permissions * 2
    after = mesh(
        http("api"),
        toward(Intention(source="web", destination="api", permissions=wider)),
    )
    found = [*affected(before, after, services=NAMES, default_allow=False)]
    assert [(each.sources, each.before.verdict, each.after.verdict) for each in found] == [
        (("web",), "conditional", "conditional")
    ]


@given(meshes(), meshes(), st.booleans())
def test_all_that_is_affected_is_said_and_nothing_else(
    before: Mesh,
    after: Mesh,
    default_allow: bool,  # noqa: FBT001 hypothesis gives it
) -> None:
    found = {}
    for each in affected(before, after, services=NAMES, default_allow=default_allow):
        for destination in each.destinations:
            unnamed = set(NAMES) - named(before, destination) - named(after, destination)
            assert each.others in (0, len(unnamed))
            for source in (*each.sources, *(unnamed if each.others else ())):
                found[source, destination] = (each.before.verdict, each.after.verdict)
    for source in NAMES:
        for destination in NAMES:
            was = said(before, source, destination, default_allow=default_allow).verdict
            is_now = said(after, source, destination, default_allow=default_allow).verdict
            if was != is_now or (source, destination) in found:
                assert found[source, destination] == (was, is_now)
                assert was != is_now or was == "conditional"
