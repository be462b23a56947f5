"""All resources of one proxy: which parts of its snapshot each type is made of."""

from collections.abc import Iterable

from meshcore.proxycfg.types import Snapshot
from meshcore.xds import clusters, endpoints, listeners, names, rbac, routes, secrets
from meshcore.xds.names import CDS, ECDS, EDS, LDS, RDS, SDS
from meshcore.xds.resources import Resource

MADE_OF = {
    CDS: ("scope", "local_app", "destinations"),
    EDS: ("scope", "endpoints"),
    SDS: ("trust_bundle", "leaf"),
    LDS: ("scope", "public", "upstreams", "authorization"),
    RDS: ("scope", "upstreams"),
    ECDS: ("scope", "authorization"),
}


def outdated(before: Snapshot | None, after: Snapshot) -> tuple[str, ...]:
    """The types that have to be made again; parts that are the same object did not change."""
    return tuple(
        type_
        for type_, parts in MADE_OF.items()
        if before is None or any(getattr(before, p) is not getattr(after, p) for p in parts)
    )


def resources(type_: str, snapshot: Snapshot, *, private_key_pem: str) -> dict[str, Resource]:
    return {resource.name: resource for resource in _made(type_, snapshot, private_key_pem)}


def _made(type_: str, snapshot: Snapshot, private_key_pem: str) -> Iterable[Resource]:
    scope = snapshot.scope
    match type_:
        case names.CDS:
            yield clusters.local_app(snapshot.local_app)
            yield from (clusters.destination(each, scope) for each in snapshot.destinations)
        case names.EDS:
            yield from (endpoints.assignment(each, scope) for each in snapshot.endpoints)
        case names.SDS:
            yield secrets.roots(snapshot.trust_bundle)
            if snapshot.leaf is not None:
                yield secrets.leaf(snapshot.leaf.certificate_pem, private_key_pem)
        case names.LDS:
            yield listeners.public(snapshot.public, scope, snapshot.authorization.gate)
            yield from (listeners.upstream(each, scope) for each in snapshot.upstreams)
        case names.RDS:
            called = dict.fromkeys(u.destination for u in snapshot.upstreams if u.speaks_http)
            yield from (routes.upstream(each, scope) for each in called)
        case names.ECDS:
            yield rbac.intentions(snapshot.authorization, scope)
