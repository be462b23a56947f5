"""Which requests the agent answers itself."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from meshcore.agent.local import Local
from meshcore.agent.requests import Content, Request

Endpoint = Callable[[Local, Request], Awaitable[Content]]


class Found(msgspec.Struct, frozen=True):
    endpoint: Endpoint
    suffix: str


def find(table: Mapping[tuple[str, str], Endpoint], *, method: str, path: str) -> Found | None:
    """By the path, or for those that end in a slash by what it begins with."""
    exact = table.get((method, path))
    if exact is not None:
        return Found(exact, "")
    for (of_method, prefix), endpoint in table.items():
        if of_method == method and prefix.endswith("/") and path.startswith(prefix):
            return Found(endpoint, path.removeprefix(prefix))
    return None
