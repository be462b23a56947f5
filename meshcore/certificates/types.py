"""Roots and leaves as the log keeps them: certificates in the clear, private keys sealed."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from meshcore.lib.durations import render
from meshcore.lib.errors import InvalidError

RootState = Literal["prepared", "active", "retiring"]

YEAR = timedelta(days=365)


def _within(key: str, value: timedelta, least: timedelta, most: timedelta) -> None:
    if not least <= value <= most:
        raise InvalidError(
            f"certificate lifetime {key} is {render(value)}:"
            f" it must be between {render(least)} and {render(most)}"
        )


class Lifetimes(msgspec.Struct, frozen=True, kw_only=True):
    """How long certificates are good for; the bounds are Consul's.

    `overlap` is how long a new root is only distributed before anything is signed with it, so that
    verifiers know it before they meet it.
    """

    leaf: timedelta = timedelta(hours=72)
    root: timedelta = timedelta(hours=87600)
    cross_signed: timedelta = timedelta(days=7)
    overlap: timedelta = timedelta(minutes=5)
    leaf_minimum: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        shortest = max(self.leaf_minimum, timedelta(seconds=1))
        _within("leaf", self.leaf, shortest, YEAR)
        _within("root", self.root, 3 * self.leaf, 100 * YEAR)
        _within("cross_signed", self.cross_signed, timedelta(seconds=1), 100 * YEAR)
        # A root is replaced 2 leaf lifetimes and an overlap before its end: with an overlap of a
        # whole leaf lifetime the shortest root allowed would be due for that when it is made.
        _within("overlap", self.overlap, timedelta(), self.leaf / 2)

    @property
    def retirement(self) -> timedelta:
        """How long a root that signs nothing any more is still to be trusted."""
        return 2 * self.leaf


class Trouble(msgspec.Struct, frozen=True):
    """Why certificates cannot be looked after at the moment, in a sentence."""

    since: datetime
    text: str


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """What the certificate authority was set up with; there is one.

    `settled_root` is the id of the last root that was taken from the settings: the same one is
    not taken again, since an operator may have replaced it meanwhile. Once lifetimes were set
    through the API the settings change them no more.
    """

    cluster_id: str
    lifetimes: Lifetimes = Lifetimes()
    own_domain: str | None = None
    settled_root: str | None = None
    are_lifetimes_set: bool = False
    trouble: Trouble | None = None

    @property
    def trust_domain(self) -> str:
        return self.own_domain or f"{self.cluster_id}.consul"


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate authority: prepared roots are trusted, the active one signs too.

    `id` is the SHA-1 of the certificate and `signing_key_id` its subject key identifier, both in
    hex with colons, as Consul writes them. `cross_signed_pem` is this root's key certified by the
    root `cross_signed_by`, for clients that know only that one.

    Of a root that an operator has given, another certificate may do the signing: then
    `intermediates_pem` leads from that one up to the root, which is left out, and `id`, lifetime
    and key are of what signs.
    """

    id: str
    name: str
    serial: int
    signing_key_id: str
    trust_domain: str
    certificate_pem: str
    sealed_key: bytes
    not_before: datetime
    not_after: datetime
    prepared_at: datetime
    state: RootState = "prepared"
    cross_signed_pem: str | None = None
    cross_signed_by: str | None = None
    activated_at: datetime | None = None
    retired_at: datetime | None = None
    is_given: bool = False
    intermediates_pem: str = ""
    key_type: Literal["ec", "rsa"] = "ec"
    key_bits: int = 256


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """A service's certificate, followed by what a client needs that only knows an older root.

    `sealed_key` is None when the certificate was made from the caller's own request.
    """

    service: str
    spiffe_id: str
    serial: str
    certificate_pem: str
    sealed_key: bytes | None
    root_id: str
    not_before: datetime
    not_after: datetime
