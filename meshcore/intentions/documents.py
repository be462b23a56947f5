"""Intentions from service-intentions documents, and back in Consul's JSON shape."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from meshcore.config_entries.problems import Problem, as_written, require_none
from meshcore.config_entries.reading import read
from meshcore.config_entries.types import Document
from meshcore.intentions.precedence import ordered, rank
from meshcore.intentions.types import (
    HeaderMatch,
    Intention,
    Permission,
    RequestMatch,
    ServiceIntentions,
)
from meshcore.intentions.validation import problems

KIND = "service-intentions"
COMPUTED = ("Precedence", "Type")  # of a source: they follow from the rest, and would be noise


class HeaderForm(Document, frozen=True):
    name: str = ""
    present: bool = False
    exact: str = ""
    prefix: str = ""
    suffix: str = ""
    contains: str = ""
    regex: str = ""
    ignore_case: bool = False
    invert: bool = False


class RequestForm(Document, frozen=True):
    path_exact: str = ""
    path_prefix: str = ""
    path_regex: str = ""
    header: tuple[HeaderForm, ...] = ()
    methods: tuple[str, ...] = ()


class PermissionForm(Document, frozen=True):
    action: str = ""
    http: RequestForm | None = None
    jwt: dict[str, Any] | None = None


class SourceForm(Document, frozen=True):
    name: str = ""
    action: str = ""
    permissions: tuple[PermissionForm, ...] = ()
    precedence: int = 0  # computed: taken, because it is given back, and not read
    type: str = ""
    description: str = ""
    peer: str = ""
    sameness_group: str = ""
    legacy_id: str = ""
    legacy_meta: dict[str, str] = {}
    legacy_create_time: str = ""
    legacy_update_time: str = ""


class IntentionsForm(Document, frozen=True):
    name: str
    sources: tuple[SourceForm, ...] = ()
    jwt: dict[str, Any] | None = None
    meta: dict[str, str] = {}


def parse(document: Mapping[str, object]) -> ServiceIntentions:
    """Raise DocumentError with the path of each problem; sources come out by precedence."""
    form = read(document, IntentionsForm)
    entry = ServiceIntentions(
        destination=form.name,
        intentions=tuple(intention(source, form.name) for source in form.sources),
        jwt=form.jwt,
        meta=form.meta,
    )
    require_none(Problem(as_written(p.path, document), p.sentence) for p in problems(entry))
    return msgspec.structs.replace(entry, intentions=ordered(entry.intentions))


def intention(source: SourceForm, destination: str) -> Intention:
    """What is not valid in it is found by validation, which knows where it stands."""
    return Intention(
        source=source.name,
        destination=destination,
        action=source.action or None,  # type: ignore[arg-type]  # validated next
        permissions=tuple(permission(form) for form in source.permissions),
        description=source.description,
        source_type=source.type or "consul",
        source_peer=source.peer,
        legacy_id=source.legacy_id,
        legacy_meta=source.legacy_meta,
    )


def permission(form: PermissionForm) -> Permission:
    http = form.http
    return Permission(
        action=form.action,  # type: ignore[arg-type]  # validated next
        http=request_match(http) if http else None,
        jwt=form.jwt,
    )


def request_match(form: RequestForm) -> RequestMatch:
    return RequestMatch(
        path_exact=form.path_exact or None,
        path_prefix=form.path_prefix or None,
        path_regex=form.path_regex or None,
        methods=tuple(method.upper() for method in form.methods),
        headers=tuple(header_match(header) for header in form.header),
    )


def header_match(form: HeaderForm) -> HeaderMatch:
    return HeaderMatch(
        name=form.name,
        present=form.present,
        exact=form.exact or None,
        prefix=form.prefix or None,
        suffix=form.suffix or None,
        contains=form.contains or None,
        regex=form.regex or None,
        ignore_case=form.ignore_case,
        is_inverted=form.invert,
    )


def to_document(entry: ServiceIntentions) -> dict[str, Any]:
    """Write what is set, in Consul's names, with the precedence that Consul computes."""
    document: dict[str, Any] = {
        "Kind": KIND,
        "Name": entry.destination,
        "Sources": [source_document(intention) for intention in entry.intentions],
    }
    if entry.jwt:
        document["JWT"] = entry.jwt
    if entry.meta:
        document["Meta"] = entry.meta
    return document


def source_document(intention: Intention) -> dict[str, Any]:
    written = {
        "Name": intention.source,
        "Action": intention.action,
        "Permissions": [permission_document(each) for each in intention.permissions],
        "Precedence": rank(intention),
        "Type": intention.source_type,
        "Description": intention.description,
        "Peer": intention.source_peer,
        "LegacyID": intention.legacy_id,
        "LegacyMeta": intention.legacy_meta,
        "LegacyCreateTime": moment(intention.created_at) if intention.legacy_id else "",
        "LegacyUpdateTime": moment(intention.updated_at) if intention.legacy_id else "",
    }
    return {key: value for key, value in written.items() if value}


def moment(at: datetime | None) -> str:
    return at.isoformat().replace("+00:00", "Z") if at else ""


def permission_document(permission: Permission) -> dict[str, Any]:
    document: dict[str, Any] = {"Action": permission.action}
    if permission.http is not None:
        document["HTTP"] = request_document(permission.http)
    if permission.jwt:
        document["JWT"] = permission.jwt
    return document


def request_document(match: RequestMatch) -> dict[str, Any]:
    form = RequestForm(
        path_exact=match.path_exact or "",
        path_prefix=match.path_prefix or "",
        path_regex=match.path_regex or "",
        methods=match.methods,
        header=tuple(header_form(header) for header in match.headers),
    )
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(form))
    return document


def header_form(match: HeaderMatch) -> HeaderForm:
    return HeaderForm(
        name=match.name,
        present=match.present,
        exact=match.exact or "",
        prefix=match.prefix or "",
        suffix=match.suffix or "",
        contains=match.contains or "",
        regex=match.regex or "",
        ignore_case=match.ignore_case,
        invert=match.is_inverted,
    )
