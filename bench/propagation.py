"""From the write of an intention until it is in force: at real Envoys, and at simulated streams."""

import argparse
from collections.abc import Iterator

from bench.enforcement import enforce
from bench.figures import Figure, Run
from bench.intentions import deny, lay, undo
from bench.load import run_on_uvloop
from bench.options import main
from bench.servers import Server
from bench.streams import Swarm

RUNS = 5
ENVOYS, LONG_ENVOYS, QUICK_ENVOYS = (1, 50), (1, 50, 300), (1,)
STREAMS, LONG_STREAMS, QUICK_STREAMS = (1000,), (1000, 5000), (20,)
APP_PORT = 9  # of the instances behind simulated proxies, which nobody calls


def measure(server: Server, options: argparse.Namespace) -> Iterator[Figure]:
    runs = 1 if options.quick else RUNS
    for envoys in sizes(options, QUICK_ENVOYS, ENVOYS, LONG_ENVOYS):
        name = f"first 403 on a live connection, {envoys} Envoy{'s' * (envoys > 1)}, p50"
        if options.only in name:
            found = enforce(server, envoys=envoys, runs=runs, changes=6 if envoys == 1 else 3)
            yield Figure(name=name, unit="ms", runs=tuple(found))
    for streams in sizes(options, QUICK_STREAMS, STREAMS, LONG_STREAMS):
        if options.only in "simulated streams":
            yield from simulated(server, streams=streams, runs=runs)


def sizes(
    options: argparse.Namespace,
    quick: tuple[int, ...],
    usual: tuple[int, ...],
    long: tuple[int, ...],
) -> tuple[int, ...]:
    if options.quick:
        return quick
    return long if options.long else usual


def simulated(server: Server, *, streams: int, runs: int) -> Iterator[Figure]:
    instance_ids = lay(server, instances=streams, app_port=APP_PORT)
    figures: list[Figure] = []

    async def all_runs() -> None:
        swarm = Swarm(server)
        await swarm.open([f"{instance_id}-sidecar-proxy" for instance_id in instance_ids])
        for kind, source, destination in (("exact", "web", "api"), ("wildcard", "*", "*")):
            name = f"{kind} intention, last ACK of {streams:,} simulated streams"
            found: list[Run] = []
            for _ in range(runs):
                found.append(await swarm.measure(deny(source, destination)))
                await swarm.measure(undo(source, destination))
            figures.append(Figure(name=name, unit="ms", runs=tuple(found)))
        swarm.close()

    run_on_uvloop(all_runs)
    yield from figures


if __name__ == "__main__":
    main("propagation", measure)
