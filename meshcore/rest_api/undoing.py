"""Taking an entry of the log back."""

from datetime import UTC, datetime
from functools import partial

import msgspec
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.actions.permissions import to_write
from meshcore.actions.undo import undo as undone
from meshcore.rest_api.authentication import caller_of
from meshcore.rest_api.bodies import body
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering
from meshcore.store.callers import permitted


class UndoRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str = ""


class Undone(msgspec.Struct):
    """The entry that the undo is: undoing that one does it again."""

    index: int


@answering(Undone, summary="Undo one entry of the log", asked=UndoRequest)
@api_view(["POST"])
def undo(request: Request, index: int) -> Response:
    """Each of its values becomes what it was before; refused where one was written since.

    It takes what writing each of them takes.
    """
    asked, caller = body(request, UndoRequest), caller_of(request)
    changes = provided().history.entry(index, may_see=lambda _change: True).changes
    action = partial(undone, changes=changes, now=datetime.now(UTC), by=caller.accessor_id)
    needs = tuple(rule for change in changes for rule in to_write(change))
    written = provided().store.write_from_thread(
        permitted(caller, action, lambda _mesh: needs), actor=caller.actor, reason=asked.reason
    )
    return Response(Undone(written.index))
