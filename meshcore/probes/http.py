"""Does a URL answer, and with which status?"""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

import httptools
import msgspec

from meshcore.lib.errors import DeniedError
from meshcore.probes.connecting import Tls, connect
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome

USER_AGENT = "Tulle Health Check"
TOO_MANY_REQUESTS = 429
REDIRECTS = {301: False, 302: False, 303: False, 307: True, 308: True}  # -> is the method kept
MOST_REDIRECTS = 10
TLS = Tls()
READ_SIZE = 8192
MAX_READ = 64 * 1024


class _Response:
    """What the parser calls while it reads."""

    def __init__(self) -> None:
        self.body = b""
        self.location = ""
        self.is_complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"location":
            self.location = value.decode(errors="replace")

    def on_body(self, part: bytes) -> None:
        self.body += part

    def on_message_complete(self) -> None:
        self.is_complete = True


class Request(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    method: str
    headers: Mapping[str, Sequence[str]]
    body: bytes


async def probe(
    url: str,
    *,
    timeout_s: float,
    method: str = "",
    headers: Mapping[str, Sequence[str]] | None = None,
    body: str = "",
    tls: Tls = TLS,
    policy: Policy | None = None,
    follows_redirects: bool = False,
    output_limit: int = 4096,
) -> Outcome:
    """2xx is passing, 429 a warning, all else critical; redirects are not followed unless told."""
    request = Request(url=url, method=method or "GET", headers=headers or {}, body=body.encode())
    hops = MOST_REDIRECTS if follows_redirects else 0
    try:
        async with asyncio.timeout(timeout_s):
            status, text = await _followed(request, hops=hops, tls=tls, policy=policy)
    except (OSError, ValueError, TimeoutError, DeniedError, httptools.HttpParserError) as error:
        reason = "request timed out" if isinstance(error, TimeoutError) else str(error)
        return Outcome("critical", f'{request.method} "{url}": {reason}'[:output_limit])
    output = f"HTTP {request.method} {url}: {status} {_phrase(status)} Output: {text}"
    if 200 <= status < 300:
        return Outcome("passing", output[:output_limit])
    if status == TOO_MANY_REQUESTS:
        return Outcome("warning", output[:output_limit])
    return Outcome("critical", output[:output_limit])


async def _followed(
    request: Request, *, hops: int, tls: Tls, policy: Policy | None
) -> tuple[int, str]:
    """Ask, and ask again where the answer points, each time an address that may be probed."""
    while True:
        status, response = await _asked(request, tls=tls, policy=policy)
        if not hops or status not in REDIRECTS or not response.location:
            return status, response.body.decode(errors="replace")
        hops -= 1
        request = redirected(request, response.location, keeps_method=REDIRECTS[status])


def redirected(request: Request, location: str, *, keeps_method: bool) -> Request:
    """What is secret in the headers is for the host that the check names."""
    url = urljoin(request.url, location)
    is_same_host = urlsplit(url).netloc == urlsplit(request.url).netloc
    return Request(
        url=url,
        method=request.method if keeps_method or request.method == "HEAD" else "GET",
        headers=request.headers if is_same_host else {},
        body=request.body if keeps_method and is_same_host else b"",
    )


async def _asked(request: Request, *, tls: Tls, policy: Policy | None) -> tuple[int, _Response]:
    target = urlsplit(request.url)
    if target.scheme not in ("http", "https") or not target.hostname:
        raise ValueError("it is no http or https URL")
    is_tls = target.scheme == "https"
    reader, writer = await connect(
        target.hostname,
        target.port or (443 if is_tls else 80),
        tls=tls if is_tls else None,
        policy=policy,
    )
    try:
        writer.write(_bytes_of(target, request))
        await writer.drain()
        return await _answer(reader)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, _Response]:
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
    return status, response


def _bytes_of(target: SplitResult, request: Request) -> bytes:
    headers, body = request.headers, request.body
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    given = {name.lower() for name in headers}
    lines = [f"{request.method} {path} HTTP/1.1"]
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
