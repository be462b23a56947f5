"""How an endpoint says what it answers and what it writes."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import MAX_BODY, Request
from meshcore.consul_api.responses import Content
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh, WatchKey


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A question: what its answer depends on, and how the answer is made from a mesh.

    `answer` returns a JSON-shaped value or Content, and raises what is to be refused; it leaves out
    what the sight does not show. The same mesh and rights give the same answer, which is why
    answers can be kept until a watch key is touched.
    """

    watch_keys: tuple[WatchKey, ...]
    answer: Callable[[Mesh, Sight], object]
    is_blocking: bool = True
    is_kept: bool = True  # False where memory beside the mesh has a part in the answer
    prepare: Callable[[], Awaitable[None]] | None = None  # what must be there before it is answered
    is_hashed: bool = False  # waits for another content hash instead of another index
    is_personal: bool = False  # about the caller's token: not even equal grants share the answer


Reader = Callable[[Context, Request], Reading]
Call = Callable[[Context, Request], Awaitable[Content]]  # writes, and reads that are more


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A path; one that ends in a slash takes whatever follows.

    One that is open answers everybody and does not look at the token, be it good or bad.
    """

    reads: Reader | None = None
    calls: Mapping[str, Call] = {}
    is_open: bool = False
    most_body: int = MAX_BODY
    admits: Callable[[Request], None] | None = None  # raises before a large body is read

    @property
    def methods(self) -> tuple[str, ...]:
        return (("GET",) if self.reads else ()) + tuple(self.calls)


Routes = dict[str, Route]


def find(routes: Mapping[str, Route], path: str) -> tuple[str, Route] | None:
    """The longest route that this path falls under."""
    route = routes.get(path)
    if route is not None:
        return path, route
    end = path.rfind("/")
    while end > 0:
        prefix = path[: end + 1]
        route = routes.get(prefix)
        if route is not None:
            return prefix, route
        end = path.rfind("/", 0, end)
    return None
