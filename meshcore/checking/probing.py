"""Which probe a check's definition stands for."""

from collections.abc import Awaitable, Callable

from meshcore.probes import grpc, h2ping, http, tcp, udp
from meshcore.probes.connecting import Tls
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome
from meshcore.registry.checks import kind_of
from meshcore.registry.types import Check, CheckDefinition

DEFAULT_TIMEOUT_S = 10.0
NO_LIMITS = Policy()

Probe = Callable[[CheckDefinition, float, Policy], Awaitable[Outcome]]


async def probe(check: Check, policy: Policy = NO_LIMITS) -> Outcome:
    definition = check.definition
    return await PROBES[kind_of(check)](definition, timeout_of(definition), policy)


def timeout_of(definition: CheckDefinition) -> float:
    return definition.timeout_s or DEFAULT_TIMEOUT_S


def tls_of(definition: CheckDefinition, *protocols: str) -> Tls:
    return Tls(
        server_name=definition.tls_server_name,
        skips_verification=definition.tls_skip_verify,
        protocols=protocols,
    )


def _http(definition: CheckDefinition, timeout_s: float, policy: Policy) -> Awaitable[Outcome]:
    return http.probe(
        definition.http,
        timeout_s=timeout_s,
        method=definition.method,
        headers=definition.header,
        body=definition.body,
        tls=tls_of(definition),
        policy=policy,
        follows_redirects=definition.follows_redirects,
        output_limit=definition.output_max_size,
    )


def _tcp(definition: CheckDefinition, timeout_s: float, policy: Policy) -> Awaitable[Outcome]:
    tls = tls_of(definition) if definition.tcp_use_tls else None
    return tcp.probe(definition.tcp, timeout_s=timeout_s, tls=tls, policy=policy)


def _udp(definition: CheckDefinition, timeout_s: float, policy: Policy) -> Awaitable[Outcome]:
    return udp.probe(definition.udp, timeout_s=timeout_s, policy=policy)


def _grpc(definition: CheckDefinition, timeout_s: float, policy: Policy) -> Awaitable[Outcome]:
    tls = tls_of(definition, "h2") if definition.grpc_use_tls else None
    return grpc.probe(definition.grpc, timeout_s=timeout_s, tls=tls, policy=policy)


def _h2ping(definition: CheckDefinition, timeout_s: float, policy: Policy) -> Awaitable[Outcome]:
    tls = tls_of(definition, "h2") if definition.h2ping_use_tls else None
    return h2ping.probe(definition.h2ping, timeout_s=timeout_s, tls=tls, policy=policy)


PROBES: dict[str, Probe] = {
    "http": _http,
    "tcp": _tcp,
    "udp": _udp,
    "grpc": _grpc,
    "h2ping": _h2ping,
}
