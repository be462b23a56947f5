"""The gRPC door for what Envoys count: OpenTelemetry's MetricsService, beside xDS on its port.

A proxy says in the metadata who it is, and its token says whether it may be that; whom the message
is about follows from the registry. So a proxy can report of its own service alone.
"""

import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import TypeAlias

import grpc
import msgspec
from prometheus_client import Counter

from meshcore.acl.rules import Access, RuleKind
from meshcore.intentions import leaves, precedence
from meshcore.lib.errors import DeniedError, InvalidError, NotFoundError
from meshcore.mesh.types import Mesh
from meshcore.registry.types import CONNECT_PROXY
from meshcore.store.callers import Callers, UnknownTokenError
from meshcore.store.store import Store
from meshcore.telemetry.reading import Reporter, read
from meshcore.telemetry.shedding import LARGEST, Allowances
from meshcore.traffic.live import Traffic

SERVICE = "opentelemetry.proto.collector.metrics.v1.MetricsService"
TOKEN = "x-consul-token"  # noqa: S105 - the name of the header
PROXY = "x-tulle-proxy"
NODE = "x-tulle-node"

REPORTS = Counter(
    "tulle_telemetry_reports", "Reports of proxies on their traffic, by outcome.", ("outcome",)
)
TAKEN, SHED, REFUSED = (REPORTS.labels(outcome) for outcome in ("taken", "shed", "refused"))
Metadata: TypeAlias = Mapping[str, str | bytes]
Refusal: TypeAlias = tuple[grpc.StatusCode, str]

log = logging.getLogger(__name__)


class Receiving(msgspec.Struct, frozen=True, kw_only=True):
    store: Store
    callers: Callers
    traffic: Traffic
    default_allow: bool
    allowances: Allowances = msgspec.field(default_factory=Allowances)


def handlers(receiving: Receiving) -> grpc.GenericRpcHandler:
    async def export(message: bytes, context: grpc.aio.ServicerContext) -> bytes:
        refused = take(receiving, message, dict(context.invocation_metadata() or ()))
        if refused is not None:
            await context.abort(*refused)
        return b""

    return grpc.method_handlers_generic_handler(
        SERVICE, {"Export": grpc.unary_unary_rpc_method_handler(export)}
    )


def take(receiving: Receiving, message: bytes, metadata: Metadata) -> Refusal | None:
    """Count what a proxy reports, or say why not."""
    now_s = time.time()
    try:
        reporter = reporting(receiving, metadata)
        if len(message) > LARGEST:
            raise InvalidError(f"a report has at most {LARGEST} bytes, not {len(message)}")
        if not receiving.allowances.takes(reporter.instance, size=len(message), now_s=now_s):
            SHED.inc()
            return grpc.StatusCode.RESOURCE_EXHAUSTED, "you report more than is listened to"
        receiving.traffic.take(read(message, reporter), now_s=now_s)
    except DeniedError as error:
        is_unknown = isinstance(error, UnknownTokenError)
        code = grpc.StatusCode.UNAUTHENTICATED if is_unknown else grpc.StatusCode.PERMISSION_DENIED
        REFUSED.inc()
        return code, str(error)
    except NotFoundError as error:
        REFUSED.inc()
        return grpc.StatusCode.NOT_FOUND, str(error)
    except InvalidError as error:
        REFUSED.inc()
        return grpc.StatusCode.INVALID_ARGUMENT, str(error)
    TAKEN.inc()
    return None


def reporting(receiving: Receiving, metadata: Metadata) -> Reporter:
    """Raise DeniedError when the token is not good for the service that this proxy stands for."""
    caller = receiving.callers.caller(str(metadata.get(TOKEN, "")))
    key = (str(metadata.get(NODE, "")), str(metadata.get(PROXY, "")))
    if not all(key):
        raise InvalidError(
            f"a report names its proxy in {PROXY} and {NODE}: start it anew by tulle proxy"
        )
    mesh = receiving.store.mesh
    registered = mesh.registry.instance(key)
    if registered is None or registered.kind != CONNECT_PROXY or registered.proxy is None:
        if not caller.authorizer.allows_any(RuleKind.SERVICE, Access.WRITE):
            raise DeniedError("Permission denied: this token may report of no service")
        raise NotFoundError(f"no proxy {key[1]!r} is registered on node {key[0]!r}")
    service = registered.proxy.destination_service
    caller.require(RuleKind.SERVICE, Access.WRITE, service)
    return Reporter(
        service=service,
        instance=(registered.node, registered.proxy.destination_id or registered.id),
        trust_domain=mesh.certificates.trust_domain,
        leaf_toward=partial(leaf_between, mesh, service, default_allow=receiving.default_allow),
    )


def leaf_between(mesh: Mesh, destination: str, source: str, *, default_allow: bool) -> str:
    """What decides a connection that was let through."""
    found = precedence.deciding(
        mesh.intentions.covering(destination), source=source, destination=destination
    )
    if found is None:
        return leaves.by_default(destination, default_allow=default_allow).name
    return leaves.named(found)
