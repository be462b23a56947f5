"""What the claims of a token whose signature is good say: for whom, from when till when, who."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from meshcore.acl.binding import JwtClaims
from meshcore.acl.types import JwtConfig
from meshcore.actions.logins import LoginRefusedError

Claims = Mapping[str, Any]

UNSET_LEEWAY_S = 150.0
UNSET_CLOCK_SKEW_S = 60.0


def require_issuer(claims: Claims, issuer: str) -> None:
    if claims.get("iss") != issuer:
        raise LoginRefusedError(f"the issuer is {claims.get('iss')!r}, not {issuer!r}")


def require_audience(claims: Claims, audiences: Sequence[str]) -> None:
    """One of many is enough; a token for somebody is refused where nobody is expected."""
    said = claims.get("aud")
    named = said if isinstance(said, list) else [said] if said else []
    if audiences and not any(audience in named for audience in audiences):
        raise LoginRefusedError(f"the audience is {said!r}, none of {', '.join(audiences)}")
    if named and not audiences:
        raise LoginRefusedError(f"the audience is {said!r}, and the auth method has none bound")


def require_current(claims: Claims, config: JwtConfig, *, now: datetime) -> None:
    """The leeways stand in for a beginning or an end that is not said, as in Consul."""
    now_s = now.timestamp()
    issued, begins, ends = (_time(claims, name) for name in ("iat", "nbf", "exp"))
    starts = [each for each in (issued, begins) if each is not None]
    if ends is None:
        if not starts:
            raise LoginRefusedError("neither iat nor nbf nor exp is said")
        ends = max(starts) + _leeway_s(config.expiration_leeway, UNSET_LEEWAY_S)
    if begins is None:
        leeway_s = _leeway_s(config.not_before_leeway, UNSET_LEEWAY_S)
        begins = issued if issued is not None else ends - leeway_s
    skew_s = _leeway_s(config.clock_skew_leeway, UNSET_CLOCK_SKEW_S)
    if now_s > ends + skew_s:
        raise LoginRefusedError(f"it expired {now_s - ends:.0f} s ago")
    for name, start in (("valid", begins), ("issued", issued)):
        if start is not None and now_s < start - skew_s:
            raise LoginRefusedError(f"it is {name} only from {start - now_s:.0f} s from now on")


def _time(claims: Claims, name: str) -> float | None:
    """JSON's reader knows numbers that are neither less nor more than any other."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LoginRefusedError(f"{name} is no time: {value!r}")
    try:
        time_s = float(value)
    except OverflowError:
        time_s = math.inf
    if not math.isfinite(time_s):
        raise LoginRefusedError(f"{name} is no time: {time_s}")
    return time_s


def _leeway_s(leeway: timedelta, unset_s: float) -> float:
    """Consul's way to say none at all is a negative one."""
    return max(leeway.total_seconds(), 0.0) if leeway else unset_s


def mapped(claims: Claims, config: JwtConfig) -> JwtClaims:
    """The claims that are mapped and there, under their new names."""
    values = {}
    for claim, name in config.claim_mappings.items():
        value = found(claims, claim)
        if value is not None:
            values[name] = _text(value, claim)
    lists = {}
    for claim, name in config.list_claim_mappings.items():
        value = found(claims, claim)
        if value is not None:
            items = value if isinstance(value, list) else [value]
            lists[name] = tuple(_text(item, claim) for item in items)
    return JwtClaims(values, lists)


def found(claims: Claims, claim: str) -> Any:  # noqa: ANN401 - any JSON
    """A claim by its name, or by a JSON pointer (RFC 6901) when that begins with a slash."""
    if not claim.startswith("/"):
        return claims.get(claim)
    value: Any = claims
    for part in claim[1:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _text(value: Any, claim: str) -> str:  # noqa: ANN401 - any JSON
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return f"{value:g}"
    raise LoginRefusedError(f"claim {claim!r} is neither text nor a number nor a boolean")
