"""Making, changing and deleting roles."""

from functools import partial
from uuid import uuid4

from dashboard.access import paths
from dashboard.access.linked_draft import command_of, draft_in, draft_of, role_of
from dashboard.access.writing import since
from dashboard.doing import Asked, Done, undoable
from meshcore.actions import acl_grants as actions
from meshcore.lib.errors import NotFoundError


async def save_role(asked: Asked) -> Done:
    draft = draft_in(asked.form)
    role = role_of(draft, draft.key or str(uuid4()))
    act = actions.update_role if draft.key else actions.create_role
    action = since(
        draft.index,
        lambda mesh: mesh.acl.roles.get(role.id),
        partial(act, role=role),
        title=f"role {role.name}",
    )
    record = asked.mesh.acl.roles.get(role.id)
    written = await asked.write(action)
    return Done(
        text=f"Role {role.name} saved" if written.changes else f"Role {role.name} is so already",
        command=command_of(draft, draft_of(record, asked.mesh.acl) if record else None),
        undo=undoable(written),
        go_to=paths.of("roles", role.id),
    )


async def delete_role(asked: Asked) -> Done:
    role_id = asked.required("id")
    role = asked.mesh.acl.role(role_id)
    if role is None:
        raise NotFoundError(f"there is no role {role_id}")
    written = await asked.write(partial(actions.delete_role, role_id=role_id))
    return Done(
        text=f"Role {role.name} deleted",
        command=f"tulle acl role delete --name {role.name}",
        undo=undoable(written),
        go_to=paths.tab("roles"),
    )
