"""Asking other servers for JSON: bounded in time and size, and led astray by no redirect."""

import asyncio
import ssl
from functools import lru_cache
from typing import Any

import httpx
import msgspec

from meshcore.actions.logins import LoginRefusedError
from meshcore.lib.errors import InvalidError
from meshcore.lib.urls import trustworthy

TIMEOUT_S = 10.0
MOST_BYTES = 1024 * 1024


async def fetched(url: str, *, ca_pem: str, bearer: str = "", body: object = None) -> Any:  # noqa: ANN401 - any JSON
    """Get the URL, or post the body to it; raise LoginRefusedError that says what went wrong."""
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    if bearer:
        headers["authorization"] = f"Bearer {bearer}"
    if body is not None:
        headers["content-type"] = "application/json"
    try:
        trustworthy(url, what="URL")
        async with asyncio.timeout(TIMEOUT_S):
            tls = await asyncio.to_thread(tls_context, ca_pem)
            async with httpx.AsyncClient(verify=tls, trust_env=False, timeout=TIMEOUT_S) as client:
                request = client.build_request(
                    "GET" if body is None else "POST",
                    url,
                    headers=headers,
                    content=None if body is None else msgspec.json.encode(body),
                )
                return msgspec.json.decode(await _answer(client, request))
    except (httpx.HTTPError, OSError, TimeoutError, ValueError, RecursionError) as error:
        reason = "it took too long" if isinstance(error, TimeoutError) else str(error)
        raise LoginRefusedError(f"asking {url} failed: {reason}") from error
    except InvalidError as error:
        raise LoginRefusedError(str(error)) from error


async def _answer(client: httpx.AsyncClient, request: httpx.Request) -> bytes:
    response = await client.send(request, stream=True, follow_redirects=False)
    try:
        if not response.is_success:
            raise ValueError(f"it answered with status {response.status_code}")
        body = b""
        async for part in response.aiter_raw():
            body += part
            if len(body) > MOST_BYTES:
                raise ValueError(f"it answered with more than {MOST_BYTES} bytes")
        return body
    finally:
        await response.aclose()


@lru_cache(64)
def tls_context(ca_pem: str) -> ssl.SSLContext:
    """Trust this authority alone, or the machine's when none is given."""
    return ssl.create_default_context(cadata=ca_pem or None)
