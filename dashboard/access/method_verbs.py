"""Making, changing and deleting auth methods; a reviewer's token is sealed before it is kept."""

from functools import partial

from dashboard.access import paths
from dashboard.access.method_draft import changes_of, command_of, draft_in
from dashboard.access.writing import since
from dashboard.doing import Asked, Done, undoable
from meshcore.actions import auth_methods as actions
from meshcore.lib.errors import NotFoundError
from meshcore.logins.verification import reviewer_place


async def save_method(asked: Asked) -> Done:
    draft = draft_in(asked.form)
    name, typed = draft.fields.name, asked.form.get("reviewer_jwt").strip()
    sealed = asked.context.callers.sealed_for(reviewer_place(name), typed) if typed else b""
    written = await asked.write(
        since(
            draft.index,
            lambda mesh: mesh.acl.auth_methods.get(name),
            partial(changes_of, draft=draft, sealed=sealed),
            title=f"auth method {name}",
        )
    )
    return Done(
        text=f"Auth method {name} {'saved' if written.changes else 'is so already'}",
        command=command_of(draft),
        undo=undoable(written),
        go_to=paths.of("auth-methods", name),
    )


async def delete_method(asked: Asked) -> Done:
    name = asked.required("name")
    if name not in asked.mesh.acl.auth_methods:
        raise NotFoundError(f"there is no auth method {name}")
    written = await asked.write(partial(actions.delete_method, name=name))
    others = len(written.changes) - 1
    with_it = f", with {others} {'rule or token' if others == 1 else 'rules and tokens'}"
    return Done(
        text=f"Auth method {name} deleted" + (with_it if others else ""),
        command=f"tulle acl auth-method delete --name {name}",
        undo=undoable(written),
        go_to=paths.tab("auth-methods"),
    )
