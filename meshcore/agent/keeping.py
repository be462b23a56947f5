"""What was registered through the agent, kept on disk: an agent that starts again has it still."""

import contextlib
import json
import logging
from collections.abc import Collection, Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path

import msgspec

from meshcore.actions.checks import set_maintenance
from meshcore.agent.declaring import registering, registering_check, remember
from meshcore.agent.documents import DefinedCheck, DefinedService
from meshcore.agent.host import Action, Host
from meshcore.configuration import private_files
from meshcore.lib.errors import InvalidError, MeshError
from meshcore.registry.checks import POLLED, check_definition
from meshcore.registry.health import NODE_MAINTENANCE, SERVICE_MAINTENANCE
from meshcore.registry.sidecar import sidecar_id

FOLDER = "registered"

logger = logging.getLogger(__name__)


class Maintenance(msgspec.Struct, frozen=True, kw_only=True):
    reason: str
    service_id: str = ""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One of the three."""

    service: DefinedService | None = None
    check: DefinedCheck | None = None
    maintenance: Maintenance | None = None

    @property
    def name(self) -> str:
        if self.service is not None:
            return service_name(self.service.registration.instance.id)
        if self.check is not None:
            return check_name(self.check.check.id)
        assert self.maintenance is not None
        return maintenance_name(self.maintenance.service_id)


def service_name(service_id: str) -> str:
    return f"service {service_id}"


def check_name(check_id: str) -> str:
    return f"check {check_id}"


def maintenance_name(service_id: str) -> str:
    return f"maintenance {service_id}"


class Keeper:
    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / FOLDER
        self._known: dict[str, Kept] = {}

    def load(self) -> None:
        """A file that cannot be read is named and left where it is."""
        if not self._folder.is_dir():
            return
        for file in sorted(self._folder.glob("*.json")):
            try:
                text = private_files.read(file, what="a registration")
                kept = msgspec.json.decode(text, type=Kept)
            except (OSError, InvalidError, msgspec.MsgspecError) as error:
                logger.error("%s is not used: %s", file, error)
                continue
            self._known[kept.name] = kept

    def keep(self, kept: Kept) -> None:
        """On the disk before anybody is told that it is registered."""
        line = json.dumps(msgspec.to_builtins(kept))
        private_files.replace(self._file(kept.name), line)
        self._known[kept.name] = kept

    def forget(self, name: str) -> None:
        if self._known.pop(name, None) is not None:
            with contextlib.suppress(FileNotFoundError):
                self._file(name).unlink()

    def forget_gone(self, host: Host) -> None:
        """What is no longer on this host does not come back with the next start."""
        for name in [name for name, kept in self._known.items() if not is_there(kept, host)]:
            self.forget(name)

    def restore(self, host: Host, *, runs: Collection[str]) -> None:
        """Services before checks of theirs; what files define by now is theirs."""
        for name, kept in list(self._known.items()):
            if kept.service is not None and _is_there(kept.service, host):
                self.forget(name)
        for kept in sorted(self._known.values(), key=_order):
            try:
                _check_kept(kept, runs=runs)
                for action in _restoring(kept, host, runs=runs):
                    host.write(action)
            except MeshError as refusal:
                logger.error("%s is not registered again: %s", kept.name, refusal)

    def _file(self, name: str) -> Path:
        return self._folder / f"{blake2b(name.encode(), digest_size=16).hexdigest()}.json"


def _order(kept: Kept) -> int:
    return 0 if kept.service else 1 if kept.check else 2


def _check_kept(kept: Kept, *, runs: Collection[str]) -> None:
    """What was allowed to run when it was registered need not be today."""
    if kept.service is not None:
        registration = kept.service.registration
        for check in (*registration.checks, *registration.sidecar_checks):
            if check.type in POLLED:
                check_definition(check.definition, runs=runs)


def _restoring(kept: Kept, host: Host, *, runs: Collection[str]) -> Iterator[Action]:
    if kept.service is not None:
        service_id = kept.service.registration.instance.id
        remember(host, (service_id, sidecar_id(service_id)), kept.service.token)
        yield registering(host, kept.service, replaces_checks=False)
    elif kept.check is not None:
        remember(host, (kept.check.check.id,), kept.check.token)
        yield registering_check(kept.check, runs=runs)
    elif kept.maintenance is not None:
        yield partial(
            set_maintenance,
            node=host.node.name,
            service_id=kept.maintenance.service_id,
            is_enabled=True,
            reason=kept.maintenance.reason,
        )


def is_there(kept: Kept, host: Host) -> bool:
    if kept.service is not None:
        return _is_there(kept.service, host)
    if kept.check is not None:
        return host.registry.check((host.node.name, kept.check.check.id)) is not None
    assert kept.maintenance is not None
    service_id = kept.maintenance.service_id
    check_id = f"{SERVICE_MAINTENANCE}{service_id}" if service_id else NODE_MAINTENANCE
    return host.registry.check((host.node.name, check_id)) is not None


def _is_there(service: DefinedService, host: Host) -> bool:
    return host.registry.instance((host.node.name, service.registration.instance.id)) is not None


async def keep_tidy(keeper: Keeper, host: Host) -> None:
    """Run until it is cancelled: what was critical for too long is gone for good."""
    changed = host.reader()
    while True:
        await changed.wait()
        changed.clear()
        keeper.forget_gone(host)
