"""Who may call whom, as operators say it."""

from datetime import datetime
from typing import Any, Literal

import msgspec

WILDCARD = "*"

Action = Literal["allow", "deny"]


class HeaderMatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Exactly one of the forms is set; is_inverted turns its answer round."""

    name: str
    present: bool = False
    exact: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    contains: str | None = None
    regex: str | None = None
    ignore_case: bool = False
    is_inverted: bool = False


class RequestMatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """At most one path form is set; all that is set must hold; no methods means any."""

    path_exact: str | None = None
    path_prefix: str | None = None
    path_regex: str | None = None
    methods: tuple[str, ...] = ()
    headers: tuple[HeaderMatch, ...] = ()


class Permission(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    action: Action
    http: RequestMatch | None = None
    jwt: dict[str, Any] | None = None


class Intention(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Either an action, or permissions that are tried in order; source and destination may be *."""

    source: str
    destination: str
    action: Action | None = None
    permissions: tuple[Permission, ...] = ()
    description: str = ""
    source_type: str = "consul"
    source_peer: str = ""
    legacy_id: str = ""
    legacy_meta: dict[str, str] = {}
    created_at: datetime | None = None
    updated_at: datetime | None = None
    revision: int = 0  # the change index at which this source was last changed


class ServiceIntentions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All intentions toward one destination, the unit in which they are written and kept.

    Sources stand in the order of their precedence. `revoked_at` is the change index at which
    somebody may have lost the right to connect (revocation.py).
    """

    destination: str
    intentions: tuple[Intention, ...] = ()
    jwt: dict[str, Any] | None = None
    meta: dict[str, str] = {}
    revoked_at: int = 0


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP request as a permission sees it; header names in lower case."""

    method: str = "GET"
    path: str = "/"  # as on the wire, with the query string
    headers: dict[str, str] = {}
