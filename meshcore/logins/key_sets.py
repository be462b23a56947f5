"""Public keys that are published at a URL, remembered between logins.

Keys change: a token may name one that was not there when the set was read. Then it is read again,
but not for each such token: anybody can make up names of keys.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import msgspec

from meshcore.actions.logins import LoginRefusedError
from meshcore.logins.fetching import fetched

FRESH_S = 300.0  # so long at most a key that was withdrawn is still good
STALE_S = 3600.0  # and so long when the URL cannot be read
UNKNOWN_AGAIN_S = 10.0
FAILED_AGAIN_S = 1.0
MOST_SOURCES = 256

Jwk = dict[str, Any]
logger = logging.getLogger(__name__)


class Source(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    ca_pem: str = ""
    is_discovery: bool = (
        False  # the URL is that of an OIDC provider, which tells where the keys are
    )


class KeySet(msgspec.Struct, frozen=True, kw_only=True):
    keys: tuple[Jwk, ...]
    issuer: str = ""  # what an OIDC provider calls itself

    def candidates(self, key_id: str) -> tuple[Jwk, ...]:
        """The key of that name; all of them for a token that names none."""
        if not key_id:
            return self.keys
        return tuple(key for key in self.keys if key.get("kid") == key_id)


class Kept(msgspec.Struct, kw_only=True):
    asking: asyncio.Lock
    key_set: KeySet | None = None
    read_s: float = 0.0
    failed_s: float = -FAILED_AGAIN_S
    failure: str = ""


class KeySets:
    def __init__(self, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self._kept: dict[Source, Kept] = {}
        self._now_s = now_s

    async def read(self, source: Source, *, key_id: str) -> KeySet:
        """Raise LoginRefusedError when there is no key set that could be trusted."""
        if source not in self._kept and len(self._kept) >= MOST_SOURCES:
            self._kept.clear()
        kept = self._kept.setdefault(source, Kept(asking=asyncio.Lock()))
        async with kept.asking:  # whoever comes meanwhile finds what the first one has read
            if not self._is_enough(kept, key_id):
                await self._renew(kept, source)
            if kept.key_set is None or self._now_s() - kept.read_s > STALE_S:
                raise LoginRefusedError(kept.failure)
            return kept.key_set

    def _is_enough(self, kept: Kept, key_id: str) -> bool:
        now_s = self._now_s()
        if now_s - kept.failed_s < FAILED_AGAIN_S:
            return True
        if kept.key_set is None:
            return False
        age_s = now_s - kept.read_s
        if kept.key_set.candidates(key_id):
            return age_s < FRESH_S
        return age_s < UNKNOWN_AGAIN_S

    async def _renew(self, kept: Kept, source: Source) -> None:
        try:
            kept.key_set = await _read(source)
            kept.read_s = self._now_s()
        except LoginRefusedError as error:
            kept.failed_s = self._now_s()
            kept.failure = error.reason
            if kept.key_set is not None:
                logger.warning("keys of %s are those of before: %s", source.url, error.reason)


async def _read(source: Source) -> KeySet:
    if not source.is_discovery:
        return KeySet(keys=_keys(await fetched(source.url, ca_pem=source.ca_pem), source.url))
    base = source.url.rstrip("/")
    document = await fetched(f"{base}/.well-known/openid-configuration", ca_pem=source.ca_pem)
    issuer = document.get("issuer") if isinstance(document, dict) else None
    # Otherwise one provider could vouch for the tokens of another.
    if not isinstance(issuer, str) or issuer.rstrip("/") != base:
        raise LoginRefusedError(f"the OIDC provider at {source.url} calls itself {issuer!r}")
    url = document.get("jwks_uri")
    if not isinstance(url, str):
        raise LoginRefusedError(f"the OIDC provider at {source.url} tells no jwks_uri")
    return KeySet(keys=_keys(await fetched(url, ca_pem=source.ca_pem), url), issuer=issuer)


def _keys(document: Any, url: str) -> tuple[Jwk, ...]:  # noqa: ANN401 - any JSON
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise LoginRefusedError(f"{url} is no JSON web key set: it has no list of keys")
    return tuple(key for key in keys if isinstance(key, dict))
