"""Which writes make the catalog what the host wants."""

from hypothesis import given
from hypothesis import strategies as st

from meshcore.agent.reconcile import Put, State, Take, adopted, after, steps, wanted
from meshcore.lib.records import Record
from meshcore.registry.types import Check, CheckDefinition, Instance, Node
from meshcore.registry.view import Registry

NODE = Node(name="host-1", address="10.0.0.1")
WEB = Instance(node="host-1", id="web", service="web", port=80)
DB = Instance(node="host-1", id="db", service="db", port=5432)
UP = Check(node="host-1", id="service:web", name="up", service_id="web", service="web", type="http")
DISK = Check(node="host-1", id="disk", name="disk", type="script")
ALIVE = Check(node="host-1", id="serfHealth", name="Serf Health Status", status="passing")

ids = st.sampled_from(["web", "web-2", "api", "db"])
statuses = st.sampled_from(["passing", "warning", "critical"])


def state(*values: Instance | Check, node: Node | None = NODE) -> State:
    return State(
        node=node,
        instances={each.id: each for each in values if isinstance(each, Instance)},
        checks={each.id: each for each in values if isinstance(each, Check)},
    )


@st.composite
def states(draw: st.DrawFn) -> State:
    instances = draw(
        st.lists(st.builds(Instance, node=st.just("host-1"), id=ids, service=ids, port=st.just(80)))
    )
    found = state(*instances, node=draw(st.sampled_from([NODE, None])))
    owners = st.sampled_from(["", *found.instances])
    checks = draw(
        st.lists(
            st.builds(
                Check,
                node=st.just("host-1"),
                id=ids,
                name=ids,
                status=statuses,
                service_id=owners,
            )
        )
    )
    return State(
        node=found.node, instances=found.instances, checks={check.id: check for check in checks}
    )


def test_an_empty_catalog_is_given_all_with_the_node_first() -> None:
    assert list(steps(state(WEB, DB, UP, DISK), State())) == [
        Put(node=NODE),
        Put(instance=WEB, checks=(UP,)),
        Put(instance=DB),
        Put(checks=(DISK,)),
    ]


def test_nothing_is_written_where_nothing_differs() -> None:
    assert list(steps(state(WEB, UP), state(WEB, UP, ALIVE))) == []


def test_a_status_alone_is_written_alone() -> None:
    failing = Check(node="host-1", id="service:web", name="up", service_id="web", type="http")
    passing = UP.__class__(
        node="host-1", id=UP.id, name="up", status="passing", service_id="web", type="http"
    )
    assert list(steps(state(WEB, passing), state(WEB, failing))) == [Put(checks=(passing,))]


def test_what_others_have_put_there_goes_and_the_nodes_liveness_stays() -> None:
    assert list(steps(state(WEB), state(WEB, DB, DISK, ALIVE))) == [
        Take(service_id="db"),
        Take(check_id="disk"),
    ]


def test_tags_of_others_stay_where_the_definition_allows_them() -> None:
    own = Instance(node="host-1", id="web", service="web", tags=("a",), enable_tag_override=True)
    theirs = Instance(node="host-1", id="web", service="web", tags=("b",), enable_tag_override=True)
    assert list(steps(state(own), state(theirs))) == []


@given(states(), states())
def test_after_the_steps_the_catalog_is_as_wanted(own: State, found: State) -> None:
    if own.node is None:
        own = State(node=NODE, instances=own.instances, checks=own.checks)
    reached = found
    for step in steps(own, found):
        reached = after(reached, step)
    assert reached == own
    assert list(steps(own, reached)) == []


def test_what_is_run_is_not_told() -> None:
    check = Check(
        node="host-1",
        id="service:web",
        name="up",
        service_id="web",
        type="http",
        definition=CheckDefinition(http="http://web/?key=secret", interval_s=10),
    )
    registry = Registry().with_check(check.key, Record(check, 1, 1))
    assert wanted(registry, "host-1").checks["service:web"].definition == CheckDefinition(
        interval_s=10
    )


def test_a_check_that_was_never_run_begins_with_the_status_that_the_catalog_has() -> None:
    run_already = Check(node="host-1", id="disk", name="disk", type="script", output="full")
    registry = Registry().with_check(UP.key, Record(UP, 1, 1))
    registry = registry.with_check(run_already.key, Record(run_already, 1, 1))
    before = Check(
        node="host-1",
        id="service:web",
        name="up",
        status="passing",
        output="200 OK",
        service_id="web",
        service="web",
        type="http",
    )
    assert list(adopted(registry, state(before, DISK), node="host-1")) == [before]
