"""Config entries written and deleted from their page."""

from functools import partial

from dashboard.config_entries.editor import the_one
from dashboard.config_entries.listed import edit_path
from dashboard.doing import Asked, Done, undoable
from meshcore.actions import config_entries as actions
from meshcore.lib.errors import ConflictError, InvalidError
from meshcore.mesh.entries import kind_and_name
from meshcore.mesh.texts import read

LONGEST_TEXT = 1024 * 1024


async def save_entry(asked: Asked) -> Done:
    """Written only if nobody else has written it since it was read."""
    kind, name = asked.required("kind"), asked.form.get("name")
    found = read(text_in(asked), name=kind)
    if found.mistakes:
        first = found.mistakes[0]
        raise InvalidError(f"line {first.line}: {first.sentence}")
    entry = the_one(found.entries, kind=kind, name=name)
    title = "/".join(kind_and_name(entry))
    try:
        written = await asked.write(partial(actions.put, entry=entry, cas=index_in(asked)))
    except ConflictError:
        raise ConflictError(
            f"somebody else has written {title} since you began: their version is at the top of"
            " the history; reload the page to begin from it"
        ) from None
    return Done(
        text=f"{title} saved" if written.changes else f"{title} says that already",
        command=f"tulle config write {kind}.hcl",
        undo=undoable(written),
        go_to=edit_path(*kind_and_name(entry)),
    )


async def delete_entry(asked: Asked) -> Done:
    kind, name = asked.required("kind"), asked.required("name")
    written = await asked.write(partial(actions.delete, kind=kind, name=name))
    return Done(
        text=f"{kind}/{name} deleted" if written.changes else f"{kind}/{name} is gone already",
        command=f"tulle config delete --kind {kind} --name {name}",
        undo=undoable(written),
        go_to="/ui/config",
    )


def text_in(asked: Asked) -> str:
    text = asked.form.get("text")
    if len(text) > LONGEST_TEXT:
        raise InvalidError(f"the text is longer than {LONGEST_TEXT} characters")
    return text


def index_in(asked: Asked) -> int:
    index = asked.form.get("index") or "0"
    if not index.isdecimal():
        raise InvalidError(f'"{index}" is no index')
    return int(index)
