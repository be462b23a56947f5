"""Nodes and instances out of service, back in, and away."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from urllib.parse import quote

from dashboard.doing import Asked, Done, undoable
from meshcore.actions.checks import set_maintenance
from meshcore.actions.registry import deregister_node, deregister_service
from meshcore.lib.errors import InvalidError, NotFoundError
from meshcore.mesh.types import Change, Mesh
from meshcore.store.store import Action

MOST = 1_000  # nodes at once


async def maintenance(asked: Asked) -> Done:
    """Of one instance, or of nodes as a whole."""
    nodes, service_id = named(asked), asked.form.get("service_id")
    enable = asked.required("enable")
    if enable not in ("true", "false"):
        raise InvalidError(f'enable is "{enable}": it is either true or false')
    is_enabled = enable == "true"
    setting = partial(
        set_maintenance, service_id=service_id, is_enabled=is_enabled, reason=asked.reason
    )
    written = await asked.write(partial(of_all, nodes, lambda mesh, node: setting(mesh, node=node)))
    what, verb = subject(nodes, service_id)
    state = f"{verb} now in maintenance" if is_enabled else f"{verb} back in service"
    is_own = bool(service_id) and is_own_node(asked, nodes)
    path = f"/v1/agent/service/maintenance/{quote(service_id, safe='')}?enable={enable}"
    return Done(
        text=f"{what} {state}" if written.changes else f"{what} {verb} so already",
        command=f"curl -X PUT '$TULLE_HTTP_ADDR{path}'" if is_own else "",
        undo=undoable(written),
    )


async def deregister(asked: Asked) -> Done:
    """One instance with its sidecar, or nodes with all that is on them."""
    nodes, service_id = named(asked), asked.form.get("service_id")
    action: Action
    if service_id:
        action = partial(deregister_service, node=nodes[0], service_id=service_id)
        line = f"tulle deregister {service_id}" if is_own_node(asked, nodes) else ""
    else:
        action = partial(of_all, nodes, deregister_node)
        line = ""
    written = await asked.write(action)
    what, verb = subject(nodes, service_id)
    return Done(
        text=f"{what} {verb} deregistered" if written.changes else f"{what} {verb} gone already",
        command=line,
        undo=undoable(written),
        go_to=leaving(asked, service_id),
    )


def named(asked: Asked) -> tuple[str, ...]:
    nodes = tuple(dict.fromkeys(asked.form.all("node")))
    if not nodes:
        raise InvalidError("no node is named")
    if len(nodes) > MOST:
        raise InvalidError(f"{len(nodes)} nodes at once: {MOST} at most")
    return nodes


def of_all(
    nodes: Iterable[str], of_one: Callable[[Mesh, str], Iterable[Change]], mesh: Mesh
) -> Iterator[Change]:
    """All of them or, when one is unknown, none."""
    for node in nodes:
        if mesh.registry.node(node) is None:
            raise NotFoundError(f"no node is called {node}")
    for node in nodes:
        yield from of_one(mesh, node)


def subject(nodes: tuple[str, ...], service_id: str) -> tuple[str, str]:
    """What it is about as a sentence begins with it, and the verb that follows."""
    if service_id:
        return service_id, "is"
    return (nodes[0], "is") if len(nodes) == 1 else (f"{len(nodes)} nodes", "are")


def is_own_node(asked: Asked, nodes: tuple[str, ...]) -> bool:
    """The API's agent endpoints, and so the command line, are about this server's node alone."""
    return nodes == (asked.context.facts.node_name,)


def leaving(asked: Asked, service_id: str) -> str:
    """Where to go from the page of what is no more."""
    if not asked.form.get("leave"):
        return ""
    return "/ui/services" if service_id else "/ui/nodes"
