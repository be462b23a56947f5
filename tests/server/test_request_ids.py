import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from meshcore import request_ids
from meshcore.lib.logs import REQUEST_ID

SHARED = {"type": "http.response.start", "status": 200, "headers": [(b"vary", b"accept")]}


def asked(*headers: tuple[bytes, bytes]) -> tuple[list[tuple[bytes, bytes]], str]:
    """The headers of the answer, and the id that log lines had meanwhile."""
    sent: list[Mapping[str, Any]] = []
    seen: list[str] = []

    async def application(_scope: object, _receive: object, send: request_ids.Send) -> None:
        seen.append(REQUEST_ID.get())
        await send(SHARED)
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": list(headers)}

    async def ask() -> None:
        await request_ids.create(application)(scope, receive, send)

    asyncio.run(ask())
    return sent[0]["headers"], seen[0]


def test_a_caller_s_own_id_is_in_the_answer_and_in_log_lines() -> None:
    given = (b"x-request-id", b"7f3a/9:b")
    assert asked(given) == ([(b"vary", b"accept"), given], "7f3a/9:b")
    assert SHARED["headers"] == [(b"vary", b"accept")]


@pytest.mark.parametrize("given", [b"", b"two words", b"new\nline", b"x" * 129, b"\xff"])
def test_what_is_no_id_is_replaced_by_one(given: bytes) -> None:
    headers, logged = asked((b"x-request-id", given))
    name, value = headers[-1]
    assert (name, value.decode()) == (b"x-request-id", logged)
    assert request_ids.GIVEN.fullmatch(value)
    assert value != given
