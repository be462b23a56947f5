"""Does a URL answer, and with which status?"""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

import httptools

from meshcore.lib.errors import DeniedError
from meshcore.probes.connecting import connect, tls_context
from meshcore.probes.types import Outcome

USER_AGENT = "Tulle Health Check"
TOO_MANY_REQUESTS = 429
READ_SIZE = 8192
MAX_READ = 64 * 1024


class _Response:
    """What the parser calls while it reads."""

    def __init__(self) -> None:
        self.body = b""
        self.is_complete = False

    def on_body(self, part: bytes) -> None:
        self.body += part

    def on_message_complete(self) -> None:
        self.is_complete = True


async def probe(
    url: str,
    *,
    timeout_s: float,
    method: str = "",
    headers: Mapping[str, Sequence[str]] | None = None,
    body: str = "",
    server_name: str = "",
    skips_verification: bool = False,
    output_limit: int = 4096,
) -> Outcome:
    """2xx is passing, 429 a warning, all else critical; redirects are not followed."""
    method = method or "GET"
    try:
        target = urlsplit(url)
        async with asyncio.timeout(timeout_s):
            status, text = await _asked(
                target,
                _request(target, method, headers or {}, body.encode()),
                server_name=server_name,
                skips_verification=skips_verification,
            )
    except (OSError, ValueError, TimeoutError, DeniedError, httptools.HttpParserError) as error:
        reason = "request timed out" if isinstance(error, TimeoutError) else str(error)
        return Outcome("critical", f'{method} "{url}": {reason}'[:output_limit])
    output = f"HTTP {method} {url}: {status} {_phrase(status)} Output: {text}"
    if 200 <= status < 300:
        return Outcome("passing", output[:output_limit])
    if status == TOO_MANY_REQUESTS:
        return Outcome("warning", output[:output_limit])
    return Outcome("critical", output[:output_limit])


async def _asked(
    target: SplitResult, request: bytes, *, server_name: str, skips_verification: bool
) -> tuple[int, str]:
    if target.scheme not in ("http", "https") or not target.hostname:
        raise ValueError("it is no http or https URL")
    is_tls = target.scheme == "https"
    reader, writer = await connect(
        target.hostname,
        target.port or (443 if is_tls else 80),
        tls=tls_context(is_verified=not skips_verification) if is_tls else None,
        server_name=server_name,
    )
    try:
        writer.write(request)
        await writer.drain()
        return await _answer(reader)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, str]:
    response = _Response()
    parser = httptools.HttpResponseParser(response)
    read = 0
    while not response.is_complete and read < MAX_READ:
        part = await reader.read(READ_SIZE)
        if not part:
            break
        read += len(part)
        parser.feed_data(part)
    status = parser.get_status_code()
    if not status:
        raise ValueError("the connection was closed without an answer")
    return status, response.body.decode(errors="replace")


def _request(
    target: SplitResult, method: str, headers: Mapping[str, Sequence[str]], body: bytes
) -> bytes:
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    given = {name.lower() for name in headers}
    lines = [f"{method} {path} HTTP/1.1"]
    if "host" not in given:
        lines.append(f"Host: {target.netloc.rpartition('@')[2]}")
    if "user-agent" not in given:
        lines.append(f"User-Agent: {USER_AGENT}")
    if "accept" not in given:
        lines.append("Accept: text/plain, text/*, */*")
    lines += [f"{name}: {value}" for name, values in headers.items() for value in values]
    lines += ["Connection: close", f"Content-Length: {len(body)}"]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("line breaks have no place in a method, a URL or a header")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
