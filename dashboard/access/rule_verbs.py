"""Making, changing and deleting binding rules."""

from functools import partial
from uuid import uuid4

from msgspec.structs import replace

from dashboard.access import paths
from dashboard.access.rule_draft import command_of, draft_in
from dashboard.access.writing import since
from dashboard.doing import Asked, Done, undoable
from meshcore.actions import auth_methods as actions
from meshcore.lib.errors import NotFoundError


async def save_rule(asked: Asked) -> Done:
    draft = draft_in(asked.form)
    rule = replace(draft.rule, id=str(uuid4())) if draft.is_new else draft.rule
    act = actions.create_rule if draft.is_new else actions.update_rule
    written = await asked.write(
        since(
            draft.index,
            lambda mesh: mesh.acl.binding_rules.get(rule.id),
            partial(act, rule=rule),
            title="this binding rule",
        )
    )
    said = "saved" if written.changes else "is so already"
    return Done(
        text=f"Binding rule of {rule.auth_method} {said}",
        command=command_of(draft, asked.mesh.acl.binding_rules.get(rule.id)),
        undo=undoable(written),
        go_to=paths.of("binding-rules", rule.id),
    )


async def delete_rule(asked: Asked) -> Done:
    rule_id = asked.required("id")
    rule = asked.mesh.acl.binding_rule(rule_id)
    if rule is None:
        raise NotFoundError(f"there is no binding rule {rule_id}")
    written = await asked.write(partial(actions.delete_rule, rule_id=rule_id))
    return Done(
        text=f"Binding rule of {rule.auth_method} deleted",
        command=f"tulle acl binding-rule delete --id {rule_id}",
        undo=undoable(written),
        go_to=paths.tab("binding-rules"),
    )
