"""From what files define to what is wanted: each set of definitions replaces the one before."""

import logging
from collections.abc import Collection, Iterator
from functools import partial

from meshcore.actions import checks as check_actions
from meshcore.actions import registry as actions
from meshcore.agent.documents import Defined, DefinedCheck, DefinedService
from meshcore.agent.host import Action, Host
from meshcore.lib.errors import MeshError
from meshcore.registry.sidecar import sidecar_id

NOTHING = Defined()

logger = logging.getLogger(__name__)


def declare(host: Host, before: Defined, after: Defined, *, runs: Collection[str]) -> None:
    """Make the host have what is defined now instead of what was before.

    What one definition alone cannot have, such as a port that is left, keeps none of the others.
    """
    for action in actions_between(host, before, after, runs=runs):
        try:
            host.write(action)
        except MeshError as refusal:
            logger.error("a definition is not in force: %s", refusal)
    for service_id, service in after.services.items():
        remember(host, (service_id, sidecar_id(service_id)), service.token)
    for check_id, check in after.checks.items():
        remember(host, (check_id,), check.token)


def actions_between(
    host: Host, before: Defined, after: Defined, *, runs: Collection[str]
) -> Iterator[Action]:
    """What goes first: a port that is free again may be taken by what comes."""
    node = host.node.name
    for check_id in before.checks.keys() - after.checks.keys():
        yield partial(check_actions.deregister_check, node=node, check_id=check_id)
    for service_id in before.services.keys() - after.services.keys():
        yield partial(actions.deregister_service, node=node, service_id=service_id)
    for service_id, service in after.services.items():
        if service != before.services.get(service_id):
            yield registering(host, service)
    for check_id, check in after.checks.items():
        if check != before.checks.get(check_id):
            yield registering_check(check, runs=runs)


def registering(host: Host, service: DefinedService, *, replaces_checks: bool = True) -> Action:
    given = service.registration
    return partial(
        actions.register_service,
        node=host.node,
        instance=given.instance,
        checks=given.checks,
        sidecar=given.sidecar,
        sidecar_checks=given.sidecar_checks,
        replaces_checks=replaces_checks,
    )


def registering_check(check: DefinedCheck, *, runs: Collection[str]) -> Action:
    return partial(check_actions.register_check, check=check.check, runs=runs)


def remember(host: Host, keys: tuple[str, ...], token: str) -> None:
    for key in keys:
        if token:
            host.tokens[key] = token
        else:
            host.tokens.pop(key, None)
