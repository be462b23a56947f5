"""Whether changes that take something back leave nothing behind that rests on what is gone."""

from collections.abc import Iterable, Iterator

from meshcore.acl.types import AuthMethod, BindingRule, Policy, Role
from meshcore.actions.wording import subject
from meshcore.lib.errors import ConflictError
from meshcore.mesh.types import Change, Mesh, Value
from meshcore.registry.types import Check, Instance, Node


def require_whole(before: Mesh, after: Mesh, changes: Iterable[Change]) -> None:
    for change in changes:
        title = subject(change)
        if change.after is None:
            for remaining in resting_on(after, change.before):
                raise ConflictError(f"cannot undo it: {remaining} rests on {title}, and came later")
            continue
        if missing := missing_for(after, change.after):
            raise ConflictError(f"cannot undo it: {title} needs {missing}, which is gone")
        if taken := taken_by(before, after, change.after):
            raise ConflictError(f"cannot undo it: {taken} has the name or id of {title} now")


def resting_on(mesh: Mesh, gone: Value | None) -> Iterator[str]:
    registry, acl = mesh.registry, mesh.acl
    match gone:
        case Node():
            yield from (f"instance {r.value.id}" for r in registry.on_node(gone.name).values())
            yield from (f"check {r.value.id}" for r in registry.checks_of_node(gone.name).values())
        case Instance():
            yield from (f"check {r.value.id}" for r in registry.checks_of(gone.key).values())
        case AuthMethod():
            yield from (f"binding rule {rule.id}" for rule in acl.rules_of_method(gone.name))
            tokens = (record.value for record in acl.tokens.values())
            yield from (f"token {t.accessor_id}" for t in tokens if t.auth_method == gone.name)


def missing_for(mesh: Mesh, value: Value) -> str:
    registry = mesh.registry
    match value:
        case Instance() | Check() if registry.node(value.node) is None:
            return f"node {value.node}"
        case Check() if value.service_id and not registry.instance((value.node, value.service_id)):
            return f"instance {value.service_id}"
        case BindingRule() if mesh.acl.auth_method(value.auth_method) is None:
            return f"auth method {value.auth_method}"
    return ""


def taken_by(before: Mesh, after: Mesh, value: Value) -> str:
    """What has the id or the name of this value, and stays."""
    match value:
        case Node():
            other = before.registry.names_by_id.get(value.id, value.name)
            if other != value.name and after.registry.node(other) is not None:
                return f"node {other}"
        case Policy():
            other = before.acl.policy_ids.get(value.name, value.id)
            if other != value.id and after.acl.policy(other) is not None:
                return f"policy {other}"
        case Role():
            other = before.acl.role_ids.get(value.name, value.id)
            if other != value.id and after.acl.role(other) is not None:
                return f"role {other}"
    return ""
