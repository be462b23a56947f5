"""What happened to the certificate authority and what comes when; every certificate it issued."""

from datetime import UTC, datetime
from functools import partial

import msgspec
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.acl.rules import Access, RuleKind
from meshcore.actions.wording import sentences
from meshcore.certificates.issued import Record
from meshcore.certificates.timeline import Event, next_renewal, timeline
from meshcore.mesh.types import Topic
from meshcore.rest_api import paging, params
from meshcore.rest_api.authentication import OF_THE_MESH, caller_of, mesh_of, require_any
from meshcore.rest_api.certificates import RotationTrouble, trouble_row
from meshcore.rest_api.changes import may_see
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering, number, text
from meshcore.store import issued
from meshcore.store.history import Wanted
from meshcore.store.log import Entry

DEFAULT = 50
MOST = 500
OF_AUTHORITIES = frozenset({Topic.ROOT, Topic.TRUST})


class Happened(msgspec.Struct):
    index: int
    at: datetime
    actor: str
    reason: str
    sentences: tuple[str, ...]


class Coming(msgspec.Struct):
    at: datetime
    root: str
    name: str
    what: str
    words: str


class Timeline(msgspec.Struct):
    """Both in the order of time: what happened, and what comes if nobody does anything."""

    index: int
    happened: tuple[Happened, ...]
    coming: tuple[Coming, ...]
    trouble: RotationTrouble | None


class IssuedCertificate(msgspec.Struct, kw_only=True):
    """`node` and `instance` name the proxy that it went to; `issuer` is the id of a root."""

    serial: str
    kind: str
    spiffe_id: str
    service: str
    issuer: str
    node: str
    instance: str
    not_before: datetime
    not_after: datetime
    index: int


class IssuedCertificates(msgspec.Struct):
    index: int
    issued: tuple[IssuedCertificate, ...]
    next: str | None


@answering(
    Timeline,
    summary="What happened to the roots, and what comes when",
    parameters=(number("limit", f"of what happened: {DEFAULT} unless told otherwise"),),
)
@api_view(["GET"])
def certificate_timeline(request: Request) -> Response:
    """From the log, and from the decisions that are taken when their time has come."""
    require_any(request, *OF_THE_MESH)
    mesh, caller = mesh_of(request), caller_of(request)
    found = provided().history.older(
        Wanted(topics=OF_AUTHORITIES),
        before=mesh.index + 1,
        limit=params.number(request, "limit", default=DEFAULT, least=1, most=MOST),
        may_see=partial(may_see, caller),
    )
    first_renewal = next_renewal(mesh.certificates)
    events = timeline(mesh.certificates, now=datetime.now(UTC), first_renewal=first_renewal)
    trust = mesh.certificates.trust
    return Response(
        Timeline(
            index=mesh.index,
            happened=tuple(map(happened, reversed(found.entries))),
            coming=tuple(coming(event) for event in events if event.is_ahead),
            trouble=trouble_row(trust.value if trust else None),
        ),
        headers={"Cache-Control": "no-store"},
    )


@answering(
    IssuedCertificates,
    summary="Every certificate that was issued, those that end last first",
    parameters=(
        *paging.PARAMETERS,
        text("service", "only those of this one"),
        text("serial", "only the one with this serial, in hex with colons"),
        text("node", "only those of proxies on this node"),
    ),
)
@api_view(["GET"])
def issued_certificates(request: Request) -> Response:
    """Also those that were replaced since; takes operator:read."""
    caller_of(request).require(RuleKind.OPERATOR, Access.READ)
    mesh = mesh_of(request)
    limit = params.number(request, "limit", default=paging.DEFAULT, least=1, most=paging.MOST - 1)
    given = params.text(request, "cursor")
    after = paging.opened(given, like=None, key=end_and_serial) if given else None
    found = issued.found(
        service=params.text(request, "service"),
        serial=params.text(request, "serial").lower(),
        node=params.text(request, "node"),
        after=(moment(after[0]), after[1]) if after else None,
        limit=limit + 1,
        alias=provided().store.alias,
    )
    shown = found[:limit]
    following = paging.cursor(end_and_serial(shown[-1])) if len(found) > limit else None
    return Response(IssuedCertificates(mesh.index, tuple(map(row, shown)), following))


def end_and_serial(record: Record) -> paging.SortKey:
    return record.not_after.isoformat(), record.serial


def moment(written: str | int) -> datetime:
    try:
        return datetime.fromisoformat(str(written))
    except ValueError:
        raise paging.refusal() from None


def happened(entry: Entry) -> Happened:
    said = [sentence for change in entry.changes for sentence in sentences(change)]
    return Happened(entry.index, entry.at, entry.actor, entry.reason, tuple(said))


def coming(event: Event) -> Coming:
    return Coming(event.at, event.root_id, event.name, event.what, event.words)


def row(record: Record) -> IssuedCertificate:
    return IssuedCertificate(**msgspec.structs.asdict(record))
