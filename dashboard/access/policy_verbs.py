"""Making, changing and deleting policies."""

from functools import partial
from uuid import uuid4

from msgspec.structs import replace

from dashboard.access import paths
from dashboard.access.policy_draft import command_of, draft_in
from dashboard.access.writing import since
from dashboard.doing import Asked, Done, undoable
from meshcore.actions import acl_grants as actions
from meshcore.lib.errors import NotFoundError


async def save_policy(asked: Asked) -> Done:
    draft = draft_in(asked.form)
    policy = replace(draft.policy, id=draft.key or str(uuid4()))
    act = actions.update_policy if draft.key else actions.create_policy
    written = await asked.write(
        since(
            draft.index,
            lambda mesh: mesh.acl.policies.get(policy.id),
            partial(act, policy=policy),
            title=f"policy {policy.name}",
        )
    )
    said = "saved" if written.changes else "says that already"
    return Done(
        text=f"Policy {policy.name} {said}",
        command=command_of(draft),
        undo=undoable(written),
        go_to=paths.of("policies", policy.id),
    )


async def delete_policy(asked: Asked) -> Done:
    policy_id = asked.required("id")
    policy = asked.mesh.acl.policy(policy_id)
    if policy is None:
        raise NotFoundError(f"there is no policy {policy_id}")
    written = await asked.write(partial(actions.delete_policy, policy_id=policy_id))
    return Done(
        text=f"Policy {policy.name} deleted",
        command=f"tulle acl policy delete --name {policy.name}",
        undo=undoable(written),
        go_to=paths.tab("policies"),
    )
