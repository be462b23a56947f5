"""/v1/connect/ca/configuration: how long certificates live, and whose authority signs them."""

from functools import partial

from meshcore.acl.rules import Access, RuleKind
from meshcore.actions import certificates as actions
from meshcore.certificates.types import Lifetimes
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import Content
from meshcore.consul_api.routes import Reading, Route, Routes
from meshcore.mesh import watch
from meshcore.store.rotations import Pems
from meshcore.wire.ca_configuration import Asked, configuration_out, given_pem, read
from meshcore.wire.errors import Refusal

LONGEST_OVERLAP = Lifetimes().overlap


def configuration(_context: Context, request: Request) -> Reading:
    request.caller.require(RuleKind.OPERATOR, Access.READ)
    return Reading(
        watch_keys=(watch.ROOTS,), answer=lambda mesh, _: configuration_out(mesh.certificates)
    )


async def put(context: Context, request: Request) -> Content:
    """What is wrong with either, lifetimes or root, changes nothing."""
    request.caller.require(RuleKind.OPERATOR, Access.WRITE)
    asked = read(request.body)
    lifetimes = _lifetimes(asked, context.issuer.lifetimes)
    own = _own(context, asked)
    actor = request.caller.actor
    if own is not None:
        await context.issuer.rotations.adopt(
            own, lifetimes=lifetimes, actor=actor, is_voucher_needed=asked.is_voucher_needed
        )
    action = partial(actions.configure, lifetimes=lifetimes)
    await context.store.write(action, actor=actor)
    return Content(body=b"")


def _own(context: Context, asked: Asked) -> Pems | None:
    if asked.private_key and asked.root_cert:
        return Pems(asked.root_cert, asked.private_key)
    if asked.private_key:
        raise Refusal(400, "PrivateKey was given without its RootCert")
    active = context.store.mesh.certificates.active_root()
    is_known = active is not None and asked.root_cert.strip() == given_pem(active).strip()
    if asked.root_cert and not is_known:
        raise Refusal(400, "RootCert was given without its PrivateKey")
    return None  # what was read here is written back: the root stays


def _lifetimes(asked: Asked, now: Lifetimes) -> Lifetimes:
    """The overlap of two roots shrinks with the leaves, as it does with the settings."""
    leaf, root = asked.leaf or now.leaf, asked.root or now.root
    return Lifetimes(
        leaf=leaf,
        root=root,
        cross_signed=now.cross_signed,
        overlap=min(LONGEST_OVERLAP, leaf / 2) if asked.leaf else now.overlap,
        leaf_minimum=now.leaf_minimum,
    )


ROUTES: Routes = {
    "/v1/connect/ca/configuration": Route(reads=configuration, calls={"PUT": put}),
}
