"""`tulle agent`: the program that runs beside a host's services."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Iterator, Sequence
from importlib.metadata import version
from typing import Any

from prometheus_client import REGISTRY

from meshcore.agent.aliases import follow_aliases
from meshcore.agent.app import App
from meshcore.agent.checks import run_checks
from meshcore.agent.declaring import NOTHING, declare
from meshcore.agent.documents import Rules
from meshcore.agent.following import follow
from meshcore.agent.heartbeats import send_heartbeats
from meshcore.agent.host import Host
from meshcore.agent.identity import node_of, only_one
from meshcore.agent.keeping import Keeper, keep_tidy
from meshcore.agent.listening import listen, serve_http
from meshcore.agent.local import Local
from meshcore.agent.metrics import HostMetrics
from meshcore.agent.options import Chosen, chosen
from meshcore.agent.registering import Registrar
from meshcore.agent.relay import Relay, grpc_servers, host_and_port
from meshcore.agent.running import runs_in_files, runs_over_http
from meshcore.agent.servers import Servers, servers_of
from meshcore.agent.settings import Settings
from meshcore.agent.sidecars import Sidecars
from meshcore.agent.verdicts import Verdicts
from meshcore.lib.errors import InvalidError, MeshError
from meshcore.probes.policy import Policy, policy_of
from meshcore.sidecars.envoy import find_binary

VERSION = version("tulle")

logger = logging.getLogger("tulle")


def main(words: Sequence[str] | None = None) -> None:
    """Run until SIGTERM or SIGINT; a start that cannot work ends with one clear sentence."""
    try:
        start = chosen(sys.argv[1:] if words is None else words, os.environ)
        logging.basicConfig(
            level=start.settings.log_level.upper().replace("TRACE", "DEBUG"),
            format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
            stream=sys.stderr,
        )
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        with only_one(start.settings.data_dir):
            asyncio.run(serve(start))
    except (MeshError, OSError) as error:
        raise SystemExit(f"Error: {error}") from None


async def serve(start: Chosen) -> None:
    settings = start.settings
    for warning in start.warnings:
        logger.warning("%s", warning)
    servers = servers_of(settings, os.environ)
    host = Host(node_of(settings, servers, meta=start.node_meta, version=VERSION))
    rules = Rules(node=host.node.name, runs=runs_in_files(settings))
    defined = start.sources.begin(rules)
    declare(host, NOTHING, defined, runs=rules.runs)
    keeper = Keeper(settings.data_dir)
    keeper.load()
    keeper.restore(host, runs=runs_over_http(settings))
    registrar = Registrar(host, servers, settings)
    local = local_of(settings, host=host, keeper=keeper, registrar=registrar, servers=servers)
    REGISTRY.register(HostMetrics(host, registrar))
    listener = listen(settings.http_listen_addr, settings.http_port)
    count = len(defined.services)
    logger.info("agent of %s at %s, with %d services", host.node.name, host.node.address, count)
    with contextlib.closing(servers):
        await until_stopped(
            registrar.run(),
            follow(start.sources, host, defined, rules=rules, again=signalled(signal.SIGHUP)),
            run_checks(host, runs=rules.runs, policy=policy_of_checks(settings)),
            keep_tidy(keeper, host),
            follow_aliases(host, servers, token=settings.own_token),
            serve_http(App(local), listener),
            send_heartbeats(host, servers, registrar, token=settings.own_token),
            *relaying(settings),
            *with_sidecars(host, servers, settings),
        )


def local_of(
    settings: Settings, *, host: Host, keeper: Keeper, registrar: Registrar, servers: Servers
) -> Local:
    return Local(
        host=host,
        keeper=keeper,
        registrar=registrar,
        runs=runs_over_http(settings),
        servers=servers,
        settings=settings,
        verdicts=Verdicts(servers, default_token=settings.default_token),
        version=VERSION,
    )


def policy_of_checks(settings: Settings) -> Policy:
    return policy_of(settings.check_allowed_networks or (), ca_file=settings.check_ca_file)


def relaying(settings: Settings) -> Iterator[Coroutine[Any, Any, None]]:
    if settings.grpc_port is not None:
        relay = Relay([host_and_port(each) for each in grpc_servers(settings)])
        yield relay.serve(settings.client_addr, settings.grpc_port)


def with_sidecars(
    host: Host, servers: Servers, settings: Settings
) -> Iterator[Coroutine[Any, Any, None]]:
    if not settings.sidecars:
        return
    if settings.grpc_port is None:
        raise InvalidError("sidecars ask the agent for their configuration: it needs a grpc_port")
    yield Sidecars(host, servers, settings, binary=find_binary(None)).run()


async def until_stopped(*work: Coroutine[Any, Any, None]) -> None:
    """Whatever ends by itself has failed, and the agent with it."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    tasks = [loop.create_task(each) for each in (*work, _until(stopped))]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()


def signalled(number: signal.Signals) -> asyncio.Event:
    """Set whenever the signal comes."""
    event = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(number, event.set)
    return event


async def _until(stopped: asyncio.Event) -> None:
    await stopped.wait()


if __name__ == "__main__":
    main()
