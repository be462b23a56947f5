"""The change to a new root, as an operator asks for it."""

from functools import partial

import msgspec
from asgiref.sync import async_to_sync
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.acl.rules import Access, RuleKind
from meshcore.lib.errors import InvalidError
from meshcore.rest_api.authentication import caller_of
from meshcore.rest_api.bodies import body
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering
from meshcore.store.rotations import Pems, Rotations


class RotationRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A root of the operator's own as PEM texts, or none for one that Tulle makes.

    `generated` is for the way back from a given root to one that Tulle makes.
    """

    reason: str = ""
    root_cert: str = ""
    private_key: str = ""
    generated: bool = False
    without_cross_signing: bool = False

    def __repr__(self) -> str:
        return "RotationRequest(***)"


class Rotating(msgspec.Struct):
    """The new root is prepared at this index; what follows happens by itself."""

    index: int


@answering(Rotating, summary="Change to a new root certificate", asked=RotationRequest)
@api_view(["POST"])
def rotate(request: Request) -> Response:
    """It is given to every proxy, and signs when they have heard of it; takes operator:write."""
    asked, caller = body(request, RotationRequest), caller_of(request)
    caller.require(RuleKind.OPERATOR, Access.WRITE)
    async_to_sync(partial(_begin, provided().issuer.rotations, asked))(caller.actor)
    return Response(Rotating(provided().store.mesh.index))


async def _begin(rotations: Rotations, asked: RotationRequest, actor: str) -> None:
    if bool(asked.root_cert) != bool(asked.private_key):
        raise InvalidError("root_cert and private_key are given together, or neither is")
    if not asked.root_cert:
        await rotations.rotate(actor=actor, reason=asked.reason, replaces_given=asked.generated)
        return
    await rotations.adopt(
        Pems(asked.root_cert, asked.private_key),
        actor=actor,
        reason=asked.reason,
        is_voucher_needed=not asked.without_cross_signing,
    )
