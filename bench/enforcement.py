"""How long it takes until real Envoys enforce an intention on connections already there."""

import asyncio
import statistics
import time

from bench.envoys import REQUESTS_PER_SECOND, App, Caller, client_tls, sidecars
from bench.figures import Run, quantile, run_of
from bench.intentions import FIRST_SIDECAR_PORT, Change, deny, lay, undo
from bench.load import run_on_uvloop
from bench.servers import Server, free_ports
from bench.watchers import Round, connect

READY_TIMEOUT_S = 240.0
CHANGE_TIMEOUT_S = 20.0
SETTLE_S = 0.3


class Callers:
    """All live connections, and the status that they are waiting for."""

    def __init__(self, server: Server, count: int) -> None:
        tls = client_tls(server, "web")
        self.server = server
        self.awaited = 200
        self.arrived = asyncio.Event()
        self.callers = [
            Caller(
                port=FIRST_SIDECAR_PORT + number,
                tls=tls,
                pause_s=count / REQUESTS_PER_SECOND,
                changed=self.changed,
            )
            for number in range(count)
        ]

    def changed(self, caller: Caller) -> None:
        if all(caller.status == self.awaited for caller in self.callers):
            self.arrived.set()

    async def until_all_are(self, status: int, *, timeout_s: float) -> None:
        self.awaited = status
        self.arrived.clear()
        if any(caller.status != status for caller in self.callers):
            await asyncio.wait_for(self.arrived.wait(), timeout_s)

    async def measure(self, change: Change) -> tuple[list[float], int, int]:
        """Each connection's delay, how many never changed, and how many had to connect anew."""
        writer = (await connect(self.server.http_port, 1))[0]
        answer = Round(waiting=1, done=asyncio.get_running_loop().create_future())
        connections = [caller.connections for caller in self.callers]
        sent_at = time.perf_counter()
        writer.watch(change.request, answer)
        try:
            await self.until_all_are(change.status, timeout_s=CHANGE_TIMEOUT_S)
            await asyncio.wait_for(answer.done, CHANGE_TIMEOUT_S)
        except TimeoutError:
            pass  # what has not changed is counted by the caller
        writer.transport.close()
        await asyncio.sleep(SETTLE_S)
        delays = [
            caller.changed_at - sent_at
            for caller in self.callers
            if caller.status == change.status and caller.changed_at > sent_at
        ]
        renewed = sum(c.connections != n for c, n in zip(self.callers, connections, strict=True))
        refused = sum(status != 200 for _, status, _ in answer.answers)
        return delays, len(self.callers) - len(delays) + refused, renewed


def enforce(server: Server, *, envoys: int, runs: int, changes: int) -> list[Run]:
    found: list[Run] = []

    async def all_runs() -> None:
        (app_port,) = free_ports(1)
        app = await asyncio.get_running_loop().create_server(App, "127.0.0.1", app_port)
        # In a thread, because it runs a loop of its own.
        instance_ids = await asyncio.to_thread(lay, server, instances=envoys, app_port=app_port)
        with sidecars(server, instance_ids):
            callers = Callers(server, envoys)
            tasks = [asyncio.create_task(caller.connect()) for caller in callers.callers]
            try:
                await callers.until_all_are(200, timeout_s=READY_TIMEOUT_S)
                await asyncio.sleep(1.0)
                for _ in range(runs):
                    found.append(await one_run(callers, changes))  # noqa: PERF401
            finally:
                for caller in callers.callers:
                    caller.stop()
                for task in tasks:
                    task.cancel()
        app.close()

    run_on_uvloop(all_runs)
    return found


async def one_run(callers: Callers, changes: int) -> Run:
    """So many times denied and allowed again; the delays are those of the denials."""
    denied: list[float] = []
    allowed: list[float] = []
    wrong = renewed = 0
    cpu_before = callers.server.cpu_seconds()
    for _ in range(changes):
        delays, missing, anew = await callers.measure(deny("web", "api"))
        denied += delays
        wrong += missing
        renewed += anew
        delays, missing, anew = await callers.measure(undo("web", "api"))
        allowed += delays
        wrong += missing
        renewed += anew
    back_ms = statistics.median(allowed) * 1e3 if allowed else 0.0
    return run_of(
        denied,
        value=quantile(sorted(denied), 0.5) * 1e3,
        wrong=wrong,
        server_cpu_s=(callers.server.cpu_seconds() - cpu_before) / 2,
        note=f"allowed again p50 {back_ms:.1f} ms; {renewed} of "
        f"{2 * changes * len(callers.callers)} connections cut off",
    )
