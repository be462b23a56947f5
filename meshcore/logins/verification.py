"""Whose bearer token is it? Asked of what the auth method trusts."""

from datetime import UTC, datetime

from meshcore.acl.binding import Claims
from meshcore.acl.types import AuthMethod, KubernetesConfig
from meshcore.actions.logins import LoginRefusedError
from meshcore.logins import jwt, kubernetes
from meshcore.logins.key_sets import KeySets
from meshcore.store.callers import Callers

MOST_BYTES = 64 * 1024


def reviewer_place(method: str) -> str:
    """What a reviewer's token is sealed for."""
    return f"reviewer of auth method {method}"


async def verified(
    method: AuthMethod, bearer: str, *, key_sets: KeySets, callers: Callers
) -> Claims:
    """Raise LoginRefusedError for a token that is not to be believed."""
    if not bearer or len(bearer) > MOST_BYTES or not bearer.isascii() or not bearer.isprintable():
        raise LoginRefusedError("there is no bearer token, or what is there cannot be one")
    config = method.config
    if isinstance(config, KubernetesConfig):
        place = reviewer_place(method.name)
        reviewer_jwt = callers.opened_for(place, config.sealed_reviewer_jwt)
        return await kubernetes.verified(config, bearer, reviewer_jwt=reviewer_jwt)
    return await jwt.verified(config, bearer, key_sets=key_sets, now=datetime.now(UTC))
