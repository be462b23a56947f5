"""Where the instances of a destination are reached, and which of them may be given traffic."""

from meshcore.mesh.types import Mesh
from meshcore.proxycfg.types import DestinationEndpoints, Endpoint
from meshcore.registry.types import Instance, InstanceKey

MOST_WEIGHT = 128  # Envoy's former bound, still enough to tell instances apart


def toward(mesh: Mesh, service: str) -> DestinationEndpoints:
    """All instances in a fixed order; those that are critical are marked, not left out.

    Envoy keeps the connections to an endpoint that turns unhealthy and closes those to one that
    is gone, so a short failed check costs no request in flight.
    """
    instances = mesh.registry.toward(service)
    found = (_endpoint(mesh, key, record.value) for key, record in sorted(instances.items()))
    return DestinationEndpoints(
        service=service, endpoints=tuple(endpoint for endpoint in found if endpoint is not None)
    )


def address_of(mesh: Mesh, instance: Instance) -> str:
    """The instance's own address, else that of its node."""
    node = mesh.registry.node(instance.node)
    return instance.address or (node.address if node else "")


def _endpoint(mesh: Mesh, key: InstanceKey, instance: Instance) -> Endpoint | None:
    address = address_of(mesh, instance)
    if not address or not instance.port:
        return None
    statuses = {record.value.status for record in mesh.registry.checks_concerning(key)}
    weights = instance.weights
    weight = weights.warning if "warning" in statuses else weights.passing
    return Endpoint(
        address=address,
        port=instance.port,
        weight=max(1, min(weight, MOST_WEIGHT)),
        is_healthy="critical" not in statuses and weight > 0,
    )
