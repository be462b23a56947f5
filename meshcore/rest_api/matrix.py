"""Who may call whom, for all services at once."""

from functools import partial

import msgspec
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from meshcore.acl.rules import Access, RuleKind
from meshcore.mesh.types import Mesh
from meshcore.rest_api.answers import answer
from meshcore.rest_api.authentication import require_any
from meshcore.rest_api.context import provided
from meshcore.rest_api.documented import answering
from meshcore.store.callers import Caller
from meshcore.topology import matrix as by_classes
from meshcore.topology.graph import WATCH_KEYS
from meshcore.topology.matrix import Matrix
from meshcore.topology.rules import rules


class IndexedMatrix(Matrix, frozen=True, kw_only=True):
    index: int


@answering(IndexedMatrix, summary="Who may call whom, by classes of services with the same rules")
@api_view(["GET"])
def matrix(request: Request) -> Response:
    """`cells` are the pairs with an intention of their own.

    Every other pair is decided by `otherwise` of its destination, else of its source, else of all.
    """
    require_any(request, RuleKind.INTENTION)
    return answer(request, WATCH_KEYS, make)


def make(mesh: Mesh, caller: Caller) -> IndexedMatrix:
    graphs = provided().graphs
    found = by_classes.matrix(
        graphs.of(mesh, caller.authorizer).vertices,
        rules(mesh.intentions),
        default_allow=graphs.default_allow,
        may_see_intentions=partial(caller.may, RuleKind.INTENTION, Access.READ),
    )
    return IndexedMatrix(**msgspec.structs.asdict(found), index=mesh.index)
