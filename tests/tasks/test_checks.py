"""The check runner on a real store, with real connections."""

import asyncio
from functools import partial

from meshcore.actions.registry import register_service
from meshcore.mesh import watch
from meshcore.registry.heartbeats import Heartbeats
from meshcore.registry.types import Check, CheckDefinition, CheckKey, Instance, Node, Status
from meshcore.store.store import Store
from meshcore.tasks.checks import run_checks
from tests.probes.serving import serving

NODE = Node(name="node-1", address="127.0.0.1")
WEB = Instance(node="node-1", id="web", service="web", port=80)


def check(definition: CheckDefinition, kind: str, *, status: Status = "critical") -> Check:
    return Check(
        node="node-1",
        id=f"web:{kind}",
        name=kind,
        status=status,
        service_id="web",
        service="web",
        type=kind,
        definition=definition,
    )


async def until(store: Store, key: CheckKey, status: Status) -> Check:
    """The check when it has this status; the test's own timeout ends a vain wait."""
    while True:
        mesh = store.mesh
        found = mesh.registry.check(key)
        if found is not None and found.status == status:
            return found
        await store.changed((watch.CHECKS,), after=mesh.index, timeout_s=10)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1000)
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfine")


def test_checks_of_own_instances_turn_passing_soon_and_expire_in_time(store: Store) -> None:
    async def scenario() -> tuple[str, str, str]:
        async with serving(answer) as port:
            http_url, at = f"http://127.0.0.1:{port}/", f"127.0.0.1:{port}"
            checks = [
                check(CheckDefinition(http=http_url, interval_s=0.05), "http"),
                check(CheckDefinition(tcp=at, interval_s=0.05), "tcp"),
                check(CheckDefinition(ttl_s=0.05), "ttl", status="passing"),
            ]
            action = partial(register_service, node=NODE, instance=WEB, checks=checks)
            await store.write(action, actor="test")
            running = asyncio.create_task(run_checks(store, heartbeats=Heartbeats()))
            http = await until(store, ("node-1", "web:http"), "passing")
            tcp = await until(store, ("node-1", "web:tcp"), "passing")
            ttl = await until(store, ("node-1", "web:ttl"), "critical")
            running.cancel()
            await asyncio.wait([running])
        return http.output, tcp.output, ttl.output

    http, tcp, ttl = asyncio.run(scenario())
    assert http.endswith(": 200 OK Output: fine")
    assert tcp.endswith(": Success")
    assert ttl == "TTL expired"
