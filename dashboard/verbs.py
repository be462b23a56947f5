"""Everything that can be done from a page, by its name in `/ui/do/<verb>`."""

import asyncio
from collections.abc import Mapping
from functools import partial

from dashboard.access.verbs import VERBS as ACCESS
from dashboard.certificate_verbs import rotate
from dashboard.config_entries.verbs import delete_entry, save_entry
from dashboard.doing import Asked, Done, Verb, require, undoable
from dashboard.graph.verbs import pin, unpin
from dashboard.intentions.verbs import create_intention, delete_intention, put_intention
from dashboard.registry_verbs import deregister, maintenance
from meshcore.actions.undo import undo as undone
from meshcore.actions.wording import sentences
from meshcore.lib.errors import InvalidError


async def undo(asked: Asked) -> Done:
    """Take an entry of the log back; the undo of that is to do it again."""
    index = asked.required("index")
    if not index.isdecimal():
        raise InvalidError(f'"{index}" is no number of a change')
    entry = await asyncio.to_thread(
        asked.context.history.entry, int(index), may_see=lambda _change: True
    )
    for change in entry.changes:  # before anything in it is told of in a refusal
        require(asked.caller, change)
    written = await asked.write(
        partial(undone, changes=entry.changes, now=asked.now, by=asked.caller.accessor_id)
    )
    said = [sentence for change in written.changes for sentence in sentences(change)]
    more = f", and {len(said) - 1} more" if len(said) > 1 else ""
    return Done(
        text=f"Undone: {said[0]}{more}" if said else "Nothing was left to undo",
        command=f"tulle undo {index}",
        undo=undoable(written),
    )


VERBS: Mapping[str, Verb] = {
    "create-intention": create_intention,
    **ACCESS,
    "delete-entry": delete_entry,
    "delete-intention": delete_intention,
    "put-intention": put_intention,
    "save-entry": save_entry,
    "deregister": deregister,
    "maintenance": maintenance,
    "pin": pin,
    "rotate-root": rotate,
    "undo": undo,
    "unpin": unpin,
}
