"""What all verbs of the access section share: who may, and that nobody else was faster."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from dashboard.doing import Again, Asked, Done, Once, Verb
from meshcore.acl.rules import Access, RuleKind
from meshcore.actions.compare_and_set import require_unchanged
from meshcore.lib.errors import ConflictError, InvalidError
from meshcore.lib.records import Record
from meshcore.mesh.types import Change, Mesh
from meshcore.store.store import Action

Value = TypeVar("Value")


def by_writers(verb: Verb) -> Verb:
    """Asked before anything is looked up: a refusal would tell what is there."""

    async def run(asked: Asked) -> Done | Again | Once:
        if not asked.context.callers.is_enabled:
            raise InvalidError("ACLs are off: start the server with TULLE_ACL_ENABLED=true")
        asked.caller.require(RuleKind.ACL, Access.WRITE)
        return await verb(asked)

    return run


def since(
    index: int, look: Callable[[Mesh], Record[Value] | None], action: Action, *, title: str
) -> Action:
    """The action, refused if somebody else has written what it is about since it was read."""

    def run(mesh: Mesh) -> Iterable[Change]:
        try:
            require_unchanged(look(mesh), index, name=title)
        except ConflictError:
            raise ConflictError(
                f"somebody else has written {title} since you began. What you typed is still here:"
                " copy it, and reload the page to begin from their version"
            ) from None
        return action(mesh)

    return run
