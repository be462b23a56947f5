"""Whether a call is allowed, and why: the one answer that the API, the pages and Envoy agree on."""

from collections.abc import Iterable

import msgspec

from meshcore.intentions import leaves
from meshcore.intentions.paths import normalized
from meshcore.intentions.precedence import covers, ordered
from meshcore.intentions.requests import unmet
from meshcore.intentions.types import Intention, Request, RequestMatch
from meshcore.lib.errors import InvalidError

ANY_REQUEST = RequestMatch()


class Tried(msgspec.Struct, frozen=True):
    """An intention, or one of its permissions, that was looked at and did not decide."""

    intention: Intention
    permission: int | None
    why: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    allowed: bool
    reason: str
    leaf: str = ""  # Envoy's name for this decision; none for what Envoy is never asked
    intention: Intention | None = None
    permission: int | None = None  # an index into the intention's permissions
    tried: tuple[Tried, ...] = ()
    by_default: bool = False


def verdict(
    intentions: Iterable[Intention],
    *,
    source: str,
    destination: str,
    request: Request | None = None,
    is_http: bool,
    default_allow: bool,
) -> Verdict:
    """Take the intentions that cover the destination, as `Intentions.covering` gives them.

    Without a request it is about the connection alone, for which permissions count as deny.
    """
    if request is not None and is_http:
        try:
            request = msgspec.structs.replace(request, path=normalized(request.path))
        except InvalidError as refusal:
            return Verdict(allowed=False, reason=f"refused before any intention: {refusal}")
    tried: list[Tried] = []
    for intention in ordered(intentions):
        if not covers(intention, source=source, destination=destination):
            tried.append(Tried(intention, None, f"it is about calls of {callers(intention)}"))
            continue
        found = by_intention(intention, request, is_http=is_http, default_allow=default_allow)
        return msgspec.structs.replace(found, tried=(*tried, *found.tried))
    leaf = leaves.by_default(destination, default_allow=default_allow)
    return Verdict(
        allowed=leaf.allow,
        reason=f"no intention covers the call: {default_policy(default_allow=default_allow)}",
        leaf=leaf.name,
        tried=tuple(tried),
        by_default=True,
    )


def by_intention(
    intention: Intention, request: Request | None, *, is_http: bool, default_allow: bool
) -> Verdict:
    """Decide a call that the intention covers; what is tried is the intention's own permissions."""
    title = f"the intention from {intention.source} to {intention.destination}"
    if not intention.permissions:
        leaf = leaves.by_action(intention)
        reason = f"{title} says {intention.action}"
        return Verdict(allowed=leaf.allow, reason=reason, leaf=leaf.name, intention=intention)
    if not is_http:
        leaf = leaves.without_http(intention)
        reason = f"{title} has permissions, which need HTTP; {intention.destination} is tcp"
        return Verdict(allowed=False, reason=reason, leaf=leaf.name, intention=intention)
    if request is None:
        reason = f"{title} has permissions, which need a request to decide"
        return Verdict(allowed=False, reason=reason, intention=intention)
    return by_permissions(intention, request, title=title, default_allow=default_allow)


def by_permissions(
    intention: Intention, request: Request, *, title: str, default_allow: bool
) -> Verdict:
    tried: list[Tried] = []
    for index, permission in enumerate(intention.permissions):
        why = unmet(permission.http or ANY_REQUEST, request)
        if why:
            tried.append(Tried(intention, index, why))
            continue
        leaf = leaves.by_permission(intention, index)
        return Verdict(
            allowed=leaf.allow,
            reason=f"permission {index + 1} of {title} says {permission.action}",
            leaf=leaf.name,
            intention=intention,
            permission=index,
            tried=tuple(tried),
        )
    leaf = leaves.by_no_permission(intention, default_allow=default_allow)
    policy = default_policy(default_allow=default_allow)
    return Verdict(
        allowed=leaf.allow,
        reason=f"no permission of {title} is about this request: {policy}",
        leaf=leaf.name,
        intention=intention,
        tried=tuple(tried),
        by_default=True,
    )


def callers(intention: Intention) -> str:
    if intention.source_peer:
        return f"{intention.source} of the peer {intention.source_peer}"
    return intention.source


def default_policy(*, default_allow: bool) -> str:
    return f"the default policy is {'allow' if default_allow else 'deny'}"
