from collections.abc import Sequence
from functools import partial

import msgspec
import pytest

from meshcore.acl.types import (
    GLOBAL_MANAGEMENT,
    Bootstrap,
)
from meshcore.actions import acl_grants, auth_methods, intentions
from meshcore.actions import registry as actions
from meshcore.certificates.types import Leaf, Trust
from meshcore.lib.errors import ConflictError, InvalidError, MeshError
from meshcore.mesh.types import Topic
from meshcore.store.types import Action
from tests.actions.undoing import (
    ALLOW,
    DENY,
    HTTP,
    JWT,
    NODE,
    NOON,
    OPS,
    RULE,
    TOKEN,
    WEB,
    Log,
    deregister,
    fail,
    node,
    policy,
    put,
    token,
    web,
    write,
)

MANAGEMENT = msgspec.structs.replace(TOKEN, policies=(GLOBAL_MANAGEMENT,))
SHORT_LIVED = msgspec.structs.replace(TOKEN, expires_at=NOON)
NAMESAKE = msgspec.structs.replace(OPS, id="11111111-1111-4111-8111-111111111119")
LEAF = Leaf(
    service="web",
    spiffe_id="",
    serial="1",
    certificate_pem="",
    sealed_key=b"",
    root_id="",
    not_before=NOON,
    not_after=NOON,
)


@pytest.mark.parametrize(
    ("steps", "undone", "kind", "sentence"),
    [
        pytest.param(
            [put(ALLOW), put(DENY)],
            0,
            ConflictError,
            "cannot undo it: change 2 has written the intentions toward db since",
            id="changed",
        ),
        pytest.param(
            [put(ALLOW), partial(intentions.delete_entry, destination="db")],
            0,
            ConflictError,
            "cannot undo it: nothing is left of the intentions toward db",
            id="gone",
        ),
        pytest.param(
            [web, deregister, web],
            1,
            ConflictError,
            "cannot undo it: change 3 has written instance web-1 on node-1 since",
            id="there again",
        ),
        pytest.param(
            [web, fail],
            1,
            InvalidError,
            "cannot undo it: the status of check http of web-1 on node-1 is what was found out",
            id="status",
        ),
        pytest.param(
            [node, partial(actions.register, node=NODE, instance=WEB)],
            0,
            ConflictError,
            "cannot undo it: instance web-1 rests on node node-1, and came later",
            id="instance on the node",
        ),
        pytest.param(
            [
                partial(actions.register, node=NODE, instance=WEB),
                partial(actions.register, node=NODE, checks=[HTTP]),
            ],
            0,
            ConflictError,
            "cannot undo it: check http rests on instance web-1 on node-1, and came later",
            id="check of the instance",
        ),
        pytest.param(
            [web, deregister, partial(actions.deregister_node, name="node-1")],
            1,
            ConflictError,
            "cannot undo it: instance web-1 on node-1 needs node node-1, which is gone",
            id="node of the instance",
        ),
        pytest.param(
            [
                policy(OPS),
                partial(acl_grants.delete_policy, policy_id=OPS.id),
                policy(NAMESAKE),
            ],
            1,
            ConflictError,
            "cannot undo it: policy 11111111-1111-4111-8111-111111111119 has the name or id of"
            " policy ops now",
            id="name taken",
        ),
        pytest.param(
            [
                node,
                partial(actions.deregister_node, name="node-1"),
                partial(actions.register_node, node=msgspec.structs.replace(NODE, name="node-2")),
            ],
            1,
            ConflictError,
            "cannot undo it: node node-2 has the name or id of node node-1 now",
            id="id taken",
        ),
        pytest.param(
            [
                partial(auth_methods.put_method, method=JWT),
                write(Topic.BINDING_RULE, "rule", after=RULE),
            ],
            0,
            ConflictError,
            "cannot undo it: binding rule rule rests on auth method ci, and came later",
            id="rule of the method",
        ),
        pytest.param(
            [token(MANAGEMENT)],
            0,
            InvalidError,
            f"{TOKEN.accessor_id} is the last token that may manage ACLs: without it only a"
            " bootstrap reset leads back in. Make another one first, or force it",
            id="last management token",
        ),
        pytest.param(
            [
                token(SHORT_LIVED),
                write(Topic.TOKEN, TOKEN.accessor_id, before=SHORT_LIVED, after=None),
            ],
            1,
            InvalidError,
            "cannot undo it: token 11111111 has expired since",
            id="expired token",
        ),
        pytest.param(
            [write(Topic.LEAF, "agent:web", after=LEAF)],
            0,
            InvalidError,
            "cannot undo it: a certificate that was issued cannot be recalled",
            id="leaf",
        ),
        pytest.param(
            [write(Topic.TRUST, after=Trust(cluster_id="1234"))],
            0,
            InvalidError,
            "cannot undo it: what the certificate authority was set up with stays",
            id="certificate authority",
        ),
        pytest.param(
            [write(Topic.BOOTSTRAP, after=Bootstrap(accessor_id="1234"))],
            0,
            InvalidError,
            "cannot undo it: the ACL bootstrap happens once; delete its token instead",
            id="bootstrap",
        ),
    ],
)
def test_undo_is_refused_where_it_would_undo_something_else_too(
    steps: Sequence[Action], undone: int, kind: type[MeshError], sentence: str
) -> None:
    log = Log().do(*steps)
    with pytest.raises(kind) as refusal:
        log.undo(undone)
    assert str(refusal.value) == sentence


def test_nobody_undoes_the_making_of_the_token_that_he_holds() -> None:
    other = msgspec.structs.replace(MANAGEMENT, accessor_id="22222222", secret_hash="other")
    log = Log().do(token(MANAGEMENT), token(other))
    with pytest.raises(InvalidError, match="request's authorization token"):
        log.undo(by="22222222")
