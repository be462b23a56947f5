"""What the body of an agent's registration stands for: an instance, its checks and its sidecar."""

from collections.abc import Collection

import msgspec

from meshcore.registry.checks import RUN_BY_SERVER, check_definition, check_id
from meshcore.registry.sidecar import sidecar_id
from meshcore.registry.types import Check, Instance
from meshcore.registry.validation import STATUSES
from meshcore.wire.check_definitions import CheckIn, check_of
from meshcore.wire.errors import Refusal
from meshcore.wire.service_definitions import ServiceIn, SidecarIn, instance_of, sidecar_of


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    instance: Instance
    checks: tuple[Check, ...]
    sidecar: Instance | None = None
    sidecar_checks: tuple[Check, ...] = ()


def registration_of(
    given: ServiceIn, *, node: str, runs: Collection[str] = RUN_BY_SERVER
) -> Registration:
    """Refuse what names no service, and checks of types that are not run here."""
    if not given.name:
        raise Refusal(400, "Missing service name")
    instance = instance_of(given, node=node)
    own = _checks(given, owner=instance.id, service=instance.service, node=node, runs=runs)
    asked = given.connect.sidecar_service if given.connect else None
    if asked is None:
        return Registration(instance=instance, checks=own)
    return Registration(
        instance=instance,
        checks=own,
        sidecar=sidecar_of(asked),
        sidecar_checks=_checks(
            asked,
            owner=sidecar_id(instance.id),
            service=asked.name or f"{instance.service}-sidecar-proxy",
            node=node,
            runs=runs,
        ),
    )


def check_by_itself(given: CheckIn, *, node: str) -> Check:
    """A check of the node, or of an instance that is registered already."""
    if not given.name:
        raise Refusal(400, "Missing check name")
    if given.status and given.status not in STATUSES:
        raise Refusal(400, "Bad check status")
    return check_of(
        given, node=node, check_id=given.check_id or given.id or given.name, name=given.name
    )


def _checks(
    given: SidecarIn, *, owner: str, service: str, node: str, runs: Collection[str]
) -> tuple[Check, ...]:
    wanted = ([given.check] if given.check else []) + (given.checks or [])
    only = len(wanted) == 1
    found = []
    for number, one in enumerate(wanted, start=1):
        check = check_of(
            one,
            node=node,
            check_id=one.check_id or one.id or check_id(owner, None if only else number),
            name=one.name or f"Service '{service}' check",
        )
        check_definition(check.definition, runs=runs)
        found.append(msgspec.structs.replace(check, service_id=owner, service=service))
    return tuple(found)
