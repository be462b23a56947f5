"""What keeps a verdict on a call from being the whole truth."""

from collections.abc import Iterator

from meshcore.intentions.types import Request
from meshcore.mesh.types import Mesh
from meshcore.topology.graph import speaks_mtls
from meshcore.topology.services import known
from meshcore.topology.types import MaySee


def doubts(
    mesh: Mesh, source: str, destination: str, *, request: Request | None, may_see: MaySee
) -> Iterator[str]:
    """Yield sentences, none of them about a service that the caller may not see."""
    for name in dict.fromkeys((source, destination)):
        if may_see(name) and not known(mesh, name).vertex.is_registered:
            yield f"no service is registered as {name}"
    caller, callee = known(mesh, source).vertex, known(mesh, destination).vertex
    if may_see(source) and caller.is_registered and not speaks_mtls(caller):
        yield f"{source} has no sidecar: it does not call through the mesh"
    if may_see(destination) and callee.is_registered and not speaks_mtls(callee):
        yield f"{destination} has no sidecar: nothing enforces the intentions to it"
    if request is not None and not mesh.config_entries.speaks_http(destination):
        yield f"{destination} speaks {callee.protocol}: what is in the request is of no account"
