"""Parts that the snapshots of many proxies have in common, made once for each change."""

from meshcore.config_entries.types import GLOBAL
from meshcore.intentions.types import WILDCARD
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.proxycfg import endpoints, snapshot
from meshcore.proxycfg.types import Authorization, DestinationEndpoints, Settings


class SharedParts:
    """Keeps the newest of each, and the same object for as long as it is equal."""

    def __init__(self) -> None:
        self._endpoints: dict[str, tuple[int, DestinationEndpoints]] = {}
        self._authorizations: dict[str, tuple[int, Settings, Authorization]] = {}

    def endpoints(self, mesh: Mesh, service: str) -> DestinationEndpoints:
        changed_at = mesh.touched_at((watch.destination(service),))
        kept = self._endpoints.get(service)
        if kept is not None and kept[0] == changed_at:
            return kept[1]
        made = endpoints.toward(mesh, service)
        if kept is not None and kept[1] == made:
            made = kept[1]
        self._endpoints[service] = (changed_at, made)
        return made

    def authorization(self, mesh: Mesh, service: str, settings: Settings) -> Authorization:
        changed_at = mesh.touched_at(
            (
                watch.intentions(service),
                watch.intentions(WILDCARD),
                watch.config_entry("service-defaults", service),
                watch.config_entry("proxy-defaults", GLOBAL),
            )
        )
        kept = self._authorizations.get(service)
        if kept is not None and kept[:2] == (changed_at, settings):
            return kept[2]
        made = snapshot.authorize(mesh, service, settings)
        if kept is not None and kept[2] == made:
            made = kept[2]
        self._authorizations[service] = (changed_at, settings, made)
        return made
