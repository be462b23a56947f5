"""Each request has an id: in its answer and in every line that is logged on its behalf."""

import itertools
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from meshcore.lib.logs import REQUEST_ID

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADER = b"x-request-id"
GIVEN = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")  # whatever else would get into logs as it is


def create(application: Application) -> Application:
    # Of this process, then which of its requests: a random one for each would cost more.
    process = secrets.token_hex(4)
    numbers = itertools.count(1)

    async def identified(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        request_id = ""
        for name, value in scope["headers"]:
            if name == HEADER and GIVEN.fullmatch(value):
                request_id = value.decode()
        request_id = request_id or f"{process}-{next(numbers):x}"
        REQUEST_ID.set(request_id)

        async def named(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                # Answers are shared by all who ask the same: theirs is left as it is.
                named_too = [*message["headers"], (HEADER, request_id.encode())]
                message = {**message, "headers": named_too}
            await send(message)

        await application(scope, receive, named)

    return identified
