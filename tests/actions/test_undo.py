from collections.abc import Iterable, Sequence
from functools import partial

import msgspec
import pytest

from meshcore.actions import acl_grants, auth_methods, config_entries, intentions
from meshcore.actions import registry as actions
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.store.types import Action
from tests.actions.undoing import (
    ALLOW,
    DENY,
    HTTP,
    JWT,
    L7,
    LATER,
    NODE,
    OPS,
    RULE,
    SPEAKS_HTTP,
    TOKEN,
    Log,
    applied,
    deny_anybody,
    deregister,
    fail,
    maintain,
    node,
    policy,
    put,
    speaks_http,
    token,
    toward_db,
    values,
    web,
    write,
)

MOVED = msgspec.structs.replace(NODE, address="10.0.0.9")


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([put(ALLOW)], id="an intention is made"),
        pytest.param([put(ALLOW), put(DENY)], id="an intention is turned round"),
        pytest.param([put(ALLOW), deny_anybody], id="another source is added"),
        pytest.param(
            [put(ALLOW), partial(intentions.delete_entry, destination="db")],
            id="intentions are deleted",
        ),
        pytest.param([node], id="a node is registered"),
        pytest.param([web], id="node, instance and check are registered"),
        pytest.param([web, deregister], id="an instance is deregistered"),
        pytest.param([web, partial(actions.deregister_node, name="node-1")], id="a node goes"),
        pytest.param([web, maintain], id="maintenance begins"),
        pytest.param([speaks_http], id="a config entry is made"),
        pytest.param(
            [speaks_http, partial(config_entries.delete, kind="service-defaults", name="db")],
            id="a config entry is deleted",
        ),
        pytest.param(
            [applied(toward_db(L7), SPEAKS_HTTP)],
            id="permissions are made together with the protocol that they need",
        ),
        pytest.param(
            [put(ALLOW), applied(SPEAKS_HTTP, toward_db(L7))],
            id="an intention gets permissions together with the protocol",
        ),
        pytest.param([token(TOKEN)], id="a token is made"),
        pytest.param([policy(OPS)], id="a policy is made"),
        pytest.param(
            [policy(OPS), partial(acl_grants.delete_policy, policy_id=OPS.id)],
            id="a policy is deleted",
        ),
        pytest.param([partial(auth_methods.put_method, method=JWT)], id="an auth method is made"),
        pytest.param(
            [
                partial(auth_methods.put_method, method=JWT),
                write(Topic.BINDING_RULE, "rule", after=RULE),
                partial(auth_methods.delete_method, name="ci"),
            ],
            id="an auth method goes with its binding rules",
        ),
    ],
)
def test_undo_brings_back_what_was_and_its_undo_what_is(steps: Sequence[Action]) -> None:
    log = Log().do(*steps[:-1])
    before = values(log.mesh)
    after = values(log.do(steps[-1]).mesh)
    assert values(log.undo().mesh) == before
    assert values(log.undo().mesh) == after


def test_undone_denial_is_an_update_of_now_and_a_right_that_is_lost_again_is_noted() -> None:
    log = Log().do(put(DENY), put(ALLOW)).undo()
    entry = log.mesh.intentions.to("db")
    assert entry is not None
    assert (entry.revoked_at, entry.intentions[0].updated_at, entry.intentions[0].revision) == (
        3,
        LATER,
        3,
    )


def test_check_keeps_what_it_has_found_out_meanwhile() -> None:
    noted = msgspec.structs.replace(HTTP, notes="look at the disk")
    change = partial(actions.register, node=NODE, checks=[noted])
    log = Log().do(web, change, fail).undo(1)
    found = log.mesh.registry.check(HTTP.key)
    assert found == msgspec.structs.replace(HTTP, status="passing", output="200")


def test_undo_of_a_registration_takes_a_check_that_has_changed_its_status() -> None:
    log = Log().do(web, fail).undo(0)
    assert (len(log.mesh.registry.instances), len(log.mesh.registry.checks)) == (0, 0)


def test_value_that_an_entry_changed_twice_goes_back_to_what_it_was_before_both() -> None:
    def twice(_mesh: Mesh) -> Iterable[Change]:
        yield Change(Topic.NODE, ("node-1",), None, NODE)
        yield Change(Topic.NODE, ("node-1",), NODE, MOVED)

    assert values(Log().do(twice).undo().mesh) == values(Mesh())
