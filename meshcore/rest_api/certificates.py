"""Who proves what to whom: the roots that are trusted, and the leaves that they have signed."""

from datetime import UTC, datetime

import msgspec
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.certificates.inventory import (
    HeldLeaf,
    KnownRoot,
    Life,
    Severity,
    held_leaves,
    known_roots,
)
from meshcore.certificates.types import RootState, Trust
from meshcore.mesh.sight import Sight
from meshcore.rest_api import paging, params
from meshcore.rest_api.authentication import OF_THE_MESH, caller_of, mesh_of, require_any
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering, text


class Validity(msgspec.Struct):
    """`used` is the share of its life that is over, from 0 to 1.

    A leaf warns when it is past the part of its life in which it is renewed, and is critical when
    it has ended or its root is trusted no more: a rule for lives of an hour and of a year alike.
    """

    not_before: datetime
    not_after: datetime
    used: float
    severity: Severity
    warning: str


class RootCertificate(msgspec.Struct, kw_only=True):
    """`next_at` is when it is to be activated, succeeded or pruned, by what its state is."""

    id: str
    name: str
    state: RootState
    is_given: bool
    serial: str
    trust_domain: str
    next_at: datetime
    leaves: int
    validity: Validity


class LeafCertificate(msgspec.Struct, kw_only=True):
    """Of one instance's proxy; without node and instance it is for HTTP clients of the service."""

    service: str
    spiffe_id: str
    serial: str
    issuer: str
    node: str
    instance: str
    renews_at: datetime
    validity: Validity


class RotationTrouble(msgspec.Struct):
    """Why certificates cannot be looked after; the root that signs stays in force meanwhile.

    `since` is None while the database is away, where nothing can be noted.
    """

    since: datetime | None
    text: str


class Certificates(msgspec.Struct):
    index: int
    trust_domain: str
    trouble: RotationTrouble | None
    roots: tuple[RootCertificate, ...]
    leaves: tuple[LeafCertificate, ...]
    next: str | None
    is_filtered: bool


@answering(
    Certificates,
    summary="Roots, and leaves by their end, with how well they are",
    parameters=(*paging.PARAMETERS, text("service", "only leaves of this one")),
)
@api_view(["GET"])
def certificates(request: Request) -> Response:
    """All roots, and of the leaves a page at a time, those that end first at the beginning."""
    require_any(request, *OF_THE_MESH)
    mesh, sight = mesh_of(request), Sight(caller_of(request).authorizer)
    now, wanted = datetime.now(UTC), params.text(request, "service")
    leaves, following = paging.page(
        [
            leaf
            for leaf in held_leaves(mesh.certificates, now=now)
            if sight.service(leaf.service) and wanted in ("", leaf.service)
        ],
        request,
        key=lambda leaf: (leaf.life.not_after.isoformat(), leaf.key),
    )
    trust = mesh.certificates.trust
    return Response(
        Certificates(
            index=mesh.index,
            trust_domain=trust.value.trust_domain if trust else "",
            trouble=trouble_row(trust.value if trust else None),
            roots=tuple(map(root_row, known_roots(mesh.certificates, now=now))),
            leaves=tuple(map(leaf_row, leaves)),
            next=following,
            is_filtered=sight.has_hidden,
        ),
        headers={"Cache-Control": "no-store"},  # how well they are changes with the time
    )


def trouble_row(trust: Trust | None) -> RotationTrouble | None:
    away = provided().store.trouble
    if away:
        return RotationTrouble(None, f"no write is possible: {away}")
    if trust is None or trust.trouble is None:
        return None
    return RotationTrouble(trust.trouble.since, trust.trouble.text)


def root_row(root: KnownRoot) -> RootCertificate:
    return RootCertificate(
        id=root.id,
        name=root.name,
        state=root.state,
        is_given=root.is_given,
        serial=str(root.serial),
        trust_domain=root.trust_domain,
        next_at=root.next_at,
        leaves=root.leaves,
        validity=validity(root.life),
    )


def leaf_row(leaf: HeldLeaf) -> LeafCertificate:
    return LeafCertificate(
        service=leaf.service,
        spiffe_id=leaf.spiffe_id,
        serial=leaf.serial,
        issuer=leaf.root_id,
        node=leaf.holder.node,
        instance=leaf.holder.service_id,
        renews_at=leaf.renews_at,
        validity=validity(leaf.life),
    )


def validity(life: Life) -> Validity:
    return Validity(
        life.not_before, life.not_after, round(life.used, 4), life.severity, life.warning
    )
