"""The server process: one store, and all its doors on one event loop.

Started by `tulle server`, with TULLE_CONFIG_FILE naming the configuration file if there is one.
"""

import asyncio
import logging
import os
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from functools import partial
from importlib.metadata import version
from typing import Any

import django
import msgspec
import uvloop
from prometheus_client import REGISTRY

from meshcore.lib import logs
from meshcore.lib.errors import InvalidError, MeshError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meshcore.settings")
try:
    django.setup()
except InvalidError as problem:
    raise SystemExit(f"Error: {problem}") from None

# What follows imports models, which Django allows only after its setup.
from meshcore import asgi, checks, debugging, first_start, pages, request_ids
from meshcore.actions import registry
from meshcore.certificates import sealing
from meshcore.certificates.sealing import SealingKey
from meshcore.certifying import CertificateMetrics, issuer_of
from meshcore.configuration import node_id, private_files, secret_key
from meshcore.configuration.open_doors import open_doors
from meshcore.configuration.types import Configuration
from meshcore.consul_api import app as consul_api
from meshcore.consul_api.context import Context
from meshcore.golden_signals import GoldenSignals
from meshcore.listening import authority, http_server, listen, survive_stop_signals
from meshcore.measuring import ChecksLag, ServerMetrics
from meshcore.rest_api import context as rest_api
from meshcore.settings import LOADED
from meshcore.store import garbage
from meshcore.store.callers import Callers
from meshcore.store.graphs import Graphs
from meshcore.store.history import History
from meshcore.store.issuer import Issuer, in_time
from meshcore.store.schema import migrate
from meshcore.store.shared_traffic import SharedTraffic
from meshcore.store.store import Store
from meshcore.tasks import certificates
from meshcore.telemetry import door as telemetry
from meshcore.telemetry.door import Receiving
from meshcore.traffic.live import Traffic
from meshcore.xds import server as xds
from meshcore.xds.inspection import Inspection

COLLECTION_S = 24 * 60 * 60

log = logging.getLogger("tulle")


def main() -> None:
    """Run until SIGTERM or SIGINT; a start that cannot work ends with one clear sentence."""
    configuration = LOADED.configuration
    logs.set_up(level=configuration.log_level, is_json=configuration.log_json)
    # Django's log the path of each refusal, which may hold the code of a login link; uvicorn's logs
    # each tab that is opened.
    for name in ("django.request", "django.security.csrf"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    for warning in (*LOADED.warnings, *open_doors(configuration)):
        log.warning(warning)
    try:
        private_files.create_folder(configuration.data_dir)
        key = secret_key.read_or_create(configuration)
        migrate()
        uvloop.run(serve(configuration, key=key))
    except (MeshError, OSError) as error:
        raise SystemExit(f"Error: {error}") from None


async def serve_xds(
    stack: AsyncExitStack,
    configuration: Configuration,
    *,
    store: Store,
    callers: Callers,
    issuer: Issuer,
    traffic: Traffic,
) -> Inspection:
    """With the door for what proxies report beside it, on the same port."""
    default_allow = configuration.default_intention_policy == "allow"
    receiving = Receiving(
        store=store, callers=callers, traffic=traffic, default_allow=default_allow
    )
    server = await xds.serve(
        store=store,
        callers=callers,
        issuer=issuer,
        address=authority(configuration.grpc_listen_addr, configuration.grpc_port),
        datacenter=configuration.datacenter,
        default_allow=default_allow,
        beside=(telemetry.handlers(receiving),),
    )
    stack.push_async_callback(server.stop)
    return server.inspection


async def serve(configuration: Configuration, *, key: bytes) -> None:
    sealing_key = sealing.parse(key.hex())
    async with AsyncExitStack() as stack:
        listener = listen(configuration.http_listen_addr, configuration.http_port)
        stack.callback(listener.close)
        store = Store(redis_url=configuration.redis_url)
        await store.start()
        stack.push_async_callback(store.stop)
        issuer = issuer_of(configuration, store, key=key)
        await issuer.prepare()
        callers = callers_of(configuration, store, key=key, sealing_key=sealing_key)
        if callers.is_enabled:
            await first_start.make_tokens(store, callers, configuration)
        context = consul_context(configuration, store=store, callers=callers, issuer=issuer)
        await store.write(partial(registry.announce, node=context.node), actor="server")
        traffic = Traffic()
        REGISTRY.register(GoldenSignals(traffic))
        default_allow = configuration.default_intention_policy == "allow"
        graphs = Graphs(store, default_allow=default_allow, traffic=traffic)
        rest_api.provide(
            rest_api.Context(
                store=store,
                callers=callers,
                graphs=graphs,
                history=History(store),
                issuer=issuer,
                traffic=traffic,
            )
        )
        look_after_certificates(stack, configuration, store=store, issuer=issuer)
        if configuration.redis_url:
            shared = SharedTraffic(configuration.redis_url, traffic)
            in_background(stack, "the sharing of traffic", shared.run())
        proxies = await serve_xds(
            stack, configuration, store=store, callers=callers, issuer=issuer, traffic=traffic
        )
        REGISTRY.register(ServerMetrics(store, proxies))
        if configuration.redis_url:
            REGISTRY.register(ChecksLag(configuration.redis_url))
        work = checks.running(configuration, store, context.heartbeats, connected=proxies.keys)
        in_background(stack, "the check runner", work)
        pages.provide(configuration, context, proxies=proxies, graphs=graphs, traffic=traffic)
        in_background(stack, "the garbage collection", collect_garbage())
        garbage.spare_what_survives()
        log_start(configuration, index=store.mesh.index)
        survive_stop_signals()
        whole = partial(debugging.described, configuration, store, proxies)
        described = msgspec.structs.replace(context, described=whole)
        application = asgi.create(consul_api=consul_api.create(described), store=store)
        await http_server(request_ids.create(application)).serve(sockets=[listener])


def look_after_certificates(
    stack: AsyncExitStack, configuration: Configuration, *, store: Store, issuer: Issuer
) -> None:
    """With Redis there are workers that do; a server then stands by."""
    has_workers = configuration.redis_url is not None
    late = certificates.lateness if has_workers else in_time
    in_background(stack, "the certificate authority", issuer.run(lateness=late))
    REGISTRY.register(CertificateMetrics(store))
    if not has_workers:
        in_background(stack, "the record of certificates", certificates.prune_records(store))


def callers_of(
    configuration: Configuration, store: Store, *, key: bytes, sealing_key: SealingKey
) -> Callers:
    return Callers(
        store,
        is_enabled=configuration.acl_enabled,
        default_allow=configuration.acl_default_policy == "allow",
        datacenter=configuration.datacenter,
        hash_key=secret_key.derive(key, purpose="token hash"),
        sealing_key=sealing_key,
    )


def log_start(configuration: Configuration, *, index: int) -> None:
    log.info(
        "Tulle %s: HTTP on %s, xDS on %s, data in %s, index %d",
        version("tulle"),
        authority(configuration.http_listen_addr, configuration.http_port),
        authority(configuration.grpc_listen_addr, configuration.grpc_port),
        configuration.data_dir,
        index,
    )


def consul_context(
    configuration: Configuration, *, store: Store, callers: Callers, issuer: Issuer
) -> Context:
    return Context(
        store=store,
        callers=callers,
        issuer=issuer,
        node_name=configuration.node_name,
        node_id=node_id.read_or_create(configuration),
        datacenter=configuration.datacenter,
        address=configuration.bind_addr,
        default_allow=configuration.default_intention_policy == "allow",
        version=version("tulle"),
        xds_port=configuration.grpc_port,
        bootstrap_reset_file=configuration.data_dir / "acl-bootstrap-reset",
        keep_bootstrap_secret=partial(first_start.keep, configuration),
    )


def in_background(stack: AsyncExitStack, name: str, work: Coroutine[Any, Any, None]) -> None:
    """Run it until the server stops; that it ends by itself is a bug, and said."""

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            log.error("%s has ended", task.get_name(), exc_info=task.exception())

    task = asyncio.create_task(work, name=name)
    task.add_done_callback(ended)
    stack.callback(task.cancel)


async def collect_garbage() -> None:
    """Find the cycles that the collector is kept from (store/garbage.py) once a day."""
    while True:
        await asyncio.sleep(COLLECTION_S)
        garbage.collect_all()


if __name__ == "__main__":
    main()
