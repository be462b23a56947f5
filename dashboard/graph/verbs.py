"""Where a service stands in the picture, for everybody who looks at it."""

from functools import partial

from dashboard.doing import Asked, Done, undoable
from meshcore.actions import places
from meshcore.lib.errors import InvalidError


async def pin(asked: Asked) -> Done:
    service = asked.required("service")
    x, y = (pixels(asked, name) for name in ("x", "y"))
    written = await asked.write(partial(places.pin, service=service, x=x, y=y))
    return Done(text=f"{service} stays where you put it", undo=undoable(written))


async def unpin(asked: Asked) -> Done:
    service = asked.required("service")
    written = await asked.write(partial(places.unpin, service=service))
    return Done(text=f"{service} is not pinned any more", undo=undoable(written))


def pixels(asked: Asked, name: str) -> float:
    text = asked.required(name)
    try:
        return float(text)
    except ValueError:
        raise InvalidError(f'{name} is "{text}": it must be a number of pixels') from None
