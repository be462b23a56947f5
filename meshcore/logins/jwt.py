"""Is a bearer token a JSON web token that one of an auth method's keys has signed, and for us?"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import jwt
from jwt import PyJWK, PyJWTError
from jwt.types import Options

from meshcore.acl.binding import JwtClaims
from meshcore.acl.types import JwtConfig
from meshcore.actions.auth_methods import ALGORITHMS
from meshcore.actions.logins import LoginRefusedError
from meshcore.logins.claims import (
    mapped,
    require_audience,
    require_current,
    require_issuer,
)
from meshcore.logins.key_sets import Jwk, KeySets, Source

# The claims are looked at afterwards, with reasons that tell what was expected.
SIGNATURE_ONLY: Options = {
    "enforce_minimum_key_length": True,
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_jti": False,
    "verify_nbf": False,
    "verify_sub": False,
}
PUBLIC_KEYS_BY_ALGORITHM = ("RS256", "ES256", "EdDSA")

Key = PyJWK | str


async def verified(
    config: JwtConfig, bearer: str, *, key_sets: KeySets, now: datetime
) -> JwtClaims:
    """Raise LoginRefusedError for a token that is not to be believed."""
    try:
        header = jwt.get_unverified_header(bearer)
    except (PyJWTError, RecursionError) as error:
        raise LoginRefusedError(f"it is no JSON web token: {error}") from error
    algorithm = header.get("alg")
    if algorithm not in (config.algorithms or ALGORITHMS):
        raise LoginRefusedError(f"it is signed with {algorithm!r}, which is not taken here")
    key_id = header.get("kid") or ""
    claims: dict[str, Any]
    if config.public_keys:
        claims = signed_claims(bearer, config.public_keys, algorithm)
    else:
        source = source_of(config)
        key_set = await key_sets.read(source, key_id=key_id)
        keys = usable(key_set.candidates(key_id), algorithm)
        claims = signed_claims(bearer, keys, algorithm)
        if source.is_discovery:
            require_issuer(claims, key_set.issuer)
    if config.issuer:
        require_issuer(claims, config.issuer)
    if config.audiences or not config.discovery_url:
        require_audience(claims, config.audiences)
    require_current(claims, config, now=now)
    return mapped(claims, config)


def source_of(config: JwtConfig) -> Source:
    if config.jwks_url:
        return Source(url=config.jwks_url, ca_pem=config.jwks_ca_pem)
    return Source(url=config.discovery_url, ca_pem=config.discovery_ca_pem, is_discovery=True)


def usable(keys: Iterable[Jwk], algorithm: str) -> Iterator[PyJWK]:
    """Those for this very algorithm: a key that was made for another must not verify by it."""
    for key in keys:
        if key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm:
            try:
                yield PyJWK(key, algorithm)
            except PyJWTError:
                continue  # for another kind of algorithm, which its "alg" did not say


def signed_claims(bearer: str, keys: Iterable[Key], algorithm: str) -> dict[str, Any]:
    """The claims, when one of the keys has signed them."""
    reason = "there is no such key"
    for key in keys:
        try:
            return jwt.decode(bearer, key, algorithms=[algorithm], options=SIGNATURE_ONLY)
        except (PyJWTError, RecursionError, TypeError, ValueError) as error:
            reason = str(error)
    raise LoginRefusedError(f"no key of the auth method has signed it: {reason}")


def is_public_key(pem: str) -> bool:
    """Whether tokens can be verified by this; a private key is nothing to be kept here."""
    if "PRIVATE KEY" in pem:
        return False
    for name in PUBLIC_KEYS_BY_ALGORITHM:
        try:
            jwt.get_algorithm_by_name(name).prepare_key(pem)
        except (PyJWTError, TypeError, ValueError):
            continue
        return True
    return False
