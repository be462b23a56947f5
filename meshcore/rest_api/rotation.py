"""The change to a new root, as an operator asks for it."""

import msgspec
from asgiref.sync import async_to_sync
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.acl.rules import Access, RuleKind
from meshcore.rest_api.authentication import caller_of
from meshcore.rest_api.bodies import body
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering


class RotationRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str = ""


class Rotating(msgspec.Struct):
    """The new root is prepared at this index; what follows happens by itself."""

    index: int


@answering(Rotating, summary="Change to a new root certificate", asked=RotationRequest)
@api_view(["POST"])
def rotate(request: Request) -> Response:
    """It is given to every proxy, and signs when they have heard of it; takes operator:write."""
    asked, caller = body(request, RotationRequest), caller_of(request)
    caller.require(RuleKind.OPERATOR, Access.WRITE)
    async_to_sync(provided().issuer.rotations.rotate)(actor=caller.actor, reason=asked.reason)
    return Response(Rotating(provided().store.mesh.index))
