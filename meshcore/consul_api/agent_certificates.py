"""/v1/agent/metrics/certificates: all certificates, and how long each has left."""

from datetime import UTC, datetime

from meshcore.acl.rules import Access, RuleKind
from meshcore.certificates.inventory import Inventory, inventory
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.routes import Reading, Route, Routes
from meshcore.mesh import watch
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh
from meshcore.wire.certificate_inventory import inventory_out


def certificates(context: Context, request: Request) -> Reading:
    """Takes agent:read; leaves are those of services that may be read."""
    request.caller.require(RuleKind.AGENT, Access.READ, context.node_name)

    def answer(mesh: Mesh, sight: Sight) -> object:
        now = datetime.now(UTC)
        known = inventory(mesh.certificates, now=now)
        leaves = tuple(leaf for leaf in known.leaves if sight.service(leaf.service))
        return inventory_out(Inventory(known.roots, leaves), now=now)

    keys = (watch.ROOTS, watch.LEAVES)
    return Reading(watch_keys=keys, answer=answer, is_blocking=False, is_kept=False)


ROUTES: Routes = {"/v1/agent/metrics/certificates": Route(reads=certificates)}
