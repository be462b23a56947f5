"""/v1/connect/ca and /v1/agent/connect/ca: whom to trust, and a service's own certificate."""

from meshcore.acl.rules import Access, RuleKind
from meshcore.certificates.holders import agent_leaf_key
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import Content
from meshcore.consul_api.routes import Reading, Route, Routes
from meshcore.lib.errors import NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.wire.certificates import LeafOut, leaf_out, roots_out
from meshcore.wire.errors import Refusal

PEM_CHAIN = b"application/pem-certificate-chain"


def roots(context: Context, request: Request) -> Reading:
    if request.flag("pem", invalid='The "pem" query parameter must be a boolean value'):
        return Reading(watch_keys=(watch.ROOTS,), answer=_bundle)
    return Reading(watch_keys=(watch.ROOTS,), answer=lambda mesh, _: roots_out(mesh.certificates))


def _bundle(mesh: Mesh, _sight: Sight) -> Content:
    return Content(body=mesh.certificates.trust_bundle().encode(), content_type=PEM_CHAIN)


def leaf(context: Context, request: Request) -> Reading:
    service = request.suffix
    if not service:
        raise Refusal(400, "Missing service name")
    request.caller.require(RuleKind.SERVICE, Access.WRITE, service)
    key = agent_leaf_key(service)

    async def issue() -> None:
        await context.issuer.leaf(key, service)

    def answer(mesh: Mesh, _sight: Sight) -> LeafOut:
        record = mesh.certificates.leaves.get(key)
        if record is None:
            raise NotFoundError(f"there is no certificate of {service}")
        return leaf_out(record, private_key_pem=context.issuer.private_key_pem(record.value))

    return Reading(watch_keys=(watch.leaf(key),), answer=answer, prepare=issue)


ROUTES: Routes = {
    "/v1/connect/ca/roots": Route(reads=roots, is_open=True),
    "/v1/agent/connect/ca/roots": Route(reads=roots, is_open=True),
    "/v1/agent/connect/ca/leaf/": Route(reads=leaf),
}
