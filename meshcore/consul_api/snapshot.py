"""/v1/snapshot: the whole mesh as a file, and back."""

import asyncio
from datetime import UTC, datetime
from functools import partial

from meshcore.acl.rules import Access, RuleKind
from meshcore.actions.snapshots import restore
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import EMPTY, Content
from meshcore.consul_api.routes import Route, Routes
from meshcore.lib.errors import ConflictError
from meshcore.mesh import snapshots
from meshcore.mesh.snapshots import Meta
from meshcore.store.callers import Callers

GZIP = b"application/x-gzip"
LARGEST = 512 * 1024 * 1024  # bytes of a file that is sent
FINGERPRINT = 16


def fingerprint(callers: Callers) -> str:
    """Tells by what hash of a token it is kept: equal for all servers of one mesh."""
    return callers.hashed("snapshot")[:FINGERPRINT]


async def save(context: Context, request: Request) -> Content:
    mesh = await context.store.up_to_date()
    trust = mesh.certificates.trust
    meta = Meta(
        index=mesh.index,
        at=datetime.now(UTC),
        datacenter=context.datacenter,
        trust_domain=trust.value.trust_domain if trust else "",
        version=context.version,
        key=fingerprint(context.callers),
    )
    body = await asyncio.to_thread(snapshots.packed, mesh, meta)
    index = (b"x-consul-index", str(mesh.index).encode())
    return Content(body=body, content_type=GZIP, headers=(index,))


async def put(context: Context, request: Request) -> Content:
    require_management(request)  # who sends a body slowly may have lost the right meanwhile
    snapshot = await asyncio.to_thread(snapshots.unpacked, request.body)
    if snapshot.meta.key != fingerprint(context.callers):
        raise ConflictError(
            "the snapshot was made under another secret key, and nothing sealed in it could be"
            " opened: start the servers with the key of then (TULLE_SECRET_KEY_FILE)"
        )
    await context.store.write(
        partial(restore, snapshot=snapshot, server=context.node_name),
        actor=request.caller.actor,
        reason=f"snapshot of {snapshot.meta.at:%Y-%m-%d %H:%M} UTC, index {snapshot.meta.index}",
    )
    return Content(body=EMPTY)


def require_management(request: Request) -> None:
    """It holds everybody's rights and, sealed, the keys."""
    request.caller.require(RuleKind.ACL, Access.WRITE)
    request.caller.require(RuleKind.OPERATOR, Access.WRITE)


ROUTES: Routes = {
    "/v1/snapshot": Route(
        calls={"GET": save, "PUT": put}, most_body=LARGEST, admits=require_management
    )
}
