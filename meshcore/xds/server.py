"""The gRPC door for Envoys: delta ADS over TLS."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import grpc
import msgspec
from envoy.config.core.v3 import base_pb2
from envoy.service.discovery.v3 import discovery_pb2

from meshcore.lib.errors import DeniedError, UnavailableError
from meshcore.proxycfg.types import Settings
from meshcore.store.callers import Callers
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from meshcore.xds.admission import Admission, admitted
from meshcore.xds.credentials import credentials
from meshcore.xds.errors import Refusal, refusal
from meshcore.xds.inspection import Inspection
from meshcore.xds.session import Serving, Session
from meshcore.xds.shared import SharedParts
from meshcore.xds.stream import DeltaStream
from meshcore.xds.streams import OpenStream, Streams

SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService"
TOKEN = "x-consul-token"  # noqa: S105 - the name of the header
LOOKS_PER_TIMEOUT = 4
MOST_OF_A_NAME = 200
OPTIONS = (
    ("grpc.so_reuseport", 0),  # a second server on the port must fail, not take half of the proxies
    ("grpc.keepalive_time_ms", 30_000),  # finds streams whose machine is gone
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    # When all proxies come back at once: beyond 1,000 new streams gRPC would cancel some.
    ("grpc.server.max_pending_requests", 20_000),
    ("grpc.server.max_pending_requests_hard_limit", 20_000),
)

log = logging.getLogger(__name__)


class XdsServer(msgspec.Struct, frozen=True):
    server: grpc.aio.Server
    port: int
    streams: Streams
    inspection: Inspection
    watchman: "asyncio.Task[None]"

    async def stop(self, grace_s: float = 0) -> None:
        """Proxies keep serving with what they have, and reconnect."""
        self.watchman.cancel()
        await self.server.stop(grace_s)


async def serve(
    *,
    store: Store,
    callers: Callers,
    issuer: Issuer,
    address: str,
    datacenter: str,
    default_allow: bool,
    write_timeout_s: float = 10,
    beside: Sequence[grpc.GenericRpcHandler] = (),
) -> XdsServer:
    """Listen on `address` (host:port; port 0 takes a free one) until the server is stopped.

    What else is to be served on the port stands in `beside`, and authorizes its callers itself.
    """
    serving = Serving(
        store=store,
        issuer=issuer,
        settings=Settings(datacenter=datacenter, default_allow=default_allow),
        callers=callers,
        streams=Streams(),
        shared=SharedParts(),
    )
    server = grpc.aio.server(options=OPTIONS)
    server.add_generic_rpc_handlers((_handlers(serving), *beside))
    try:
        port = server.add_secure_port(address, credentials(issuer))
    except RuntimeError as error:
        raise UnavailableError(
            f"cannot listen on {address} for xDS: is another program there?"
            " Set TULLE_GRPC_PORT to another port"
        ) from error
    await server.start()
    watchman = asyncio.create_task(_cut_stuck(serving.streams, write_timeout_s))
    inspection = Inspection(serving.streams, issuer, serving.settings)
    return XdsServer(server, port, serving.streams, inspection, watchman)


async def _cut_stuck(streams: Streams, write_timeout_s: float) -> None:
    """One timer for all streams: one for every push would make each a tenth dearer."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(write_timeout_s / LOOKS_PER_TIMEOUT)
        streams.cut_stuck(before=loop.time() - write_timeout_s)


def _handlers(serving: Serving) -> grpc.GenericRpcHandler:
    """Without serializers: messages stay bytes until something in them is needed."""

    async def deltas(_requests: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> None:
        await _serve_stream(serving, context)

    return grpc.method_handlers_generic_handler(
        SERVICE, {"DeltaAggregatedResources": grpc.stream_stream_rpc_method_handler(deltas)}
    )


def _token(context: grpc.aio.ServicerContext) -> str:
    return str(next((v for k, v in context.invocation_metadata() or () if k == TOKEN), ""))


async def _serve_stream(serving: Serving, context: grpc.aio.ServicerContext) -> None:
    # Otherwise gRPC sends it along with the first message, and can't end the stream with a status
    # while that message does not get through.
    await context.send_initial_metadata(())
    first = await _read(context)
    if first is None:
        return
    node = discovery_pb2.DeltaDiscoveryRequest.FromString(first).node
    if not node.id:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the first request names no node.id")
    opened = OpenStream(
        proxy_id=node.id,
        peer=context.peer(),
        since=datetime.now(UTC),
        protocol=DeltaStream(),
        envoy_version=_version(node),
        cut=asyncio.get_running_loop().create_future(),
    )
    try:
        with admitted(serving.callers, serving.store, _token(context)) as admission:
            registered_on = node.metadata.fields["node_name"].string_value
            session = Session(serving, opened, node=registered_on, admission=admission)
            session.receive(first)
            serving.streams.open.add(opened)
            reason = await _pump(serving, session, opened, admission, context)
    except DeniedError as error:
        reason = refusal(error)
        # By repr and not at any length: anybody may have sent this name.
        log.warning("%r at %s is refused: %s", opened.proxy_id[:MOST_OF_A_NAME], opened.peer, error)
    finally:
        serving.streams.end(opened)
    if reason is not None:
        # To a client that doesn't read it gets through behind what lies on the way already. Until
        # then, or until its connection is found dead, that one message is all that is kept of it.
        await context.abort(*reason)


async def _pump(
    serving: Serving,
    session: Session,
    opened: OpenStream,
    admission: Admission,
    context: grpc.aio.ServicerContext,
) -> Refusal | None:
    """Read until the client goes or is cut off; writing ends by failing alone.

    Raise DeniedError when its token is not good, or is so no more.
    """
    ends = (opened.cut, admission.ended)
    writing = asyncio.create_task(session.run(context.write))
    reading = asyncio.create_task(_read_all(session, context))
    try:
        await asyncio.wait((writing, reading, *ends), return_when=asyncio.FIRST_COMPLETED)
        if admission.ended.done():
            admission.ended.result()
        elif writing.done():
            writing.result()
        elif opened.cut.done():
            serving.streams.cut += 1
            log.warning("%s does not read what it is sent: its stream is cut", opened.proxy_id)
            return grpc.StatusCode.RESOURCE_EXHAUSTED, "you read too slowly: reconnect"
    finally:
        writing.cancel()
        reading.cancel()
        await asyncio.gather(writing, reading, return_exceptions=True)
    return None


async def _read_all(session: Session, context: grpc.aio.ServicerContext) -> None:
    while (message := await _read(context)) is not None:
        session.receive(message)


async def _read(context: grpc.aio.ServicerContext) -> bytes | None:
    message: bytes = await context.read()
    return None if message is grpc.aio.EOF else message


def _version(node: base_pb2.Node) -> str:
    version = node.user_agent_build_version.version
    return f"{version.major_number}.{version.minor_number}.{version.patch}"
