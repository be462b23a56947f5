"""Which probe a check's definition stands for."""

from meshcore.probes import http, tcp
from meshcore.probes.types import Outcome
from meshcore.registry.types import Check

DEFAULT_TIMEOUT_S = 10.0


async def probe(check: Check) -> Outcome:
    definition = check.definition
    timeout_s = definition.timeout_s or DEFAULT_TIMEOUT_S
    if check.type == "http":
        return await http.probe(
            definition.http,
            timeout_s=timeout_s,
            method=definition.method,
            headers=definition.header,
            body=definition.body,
            server_name=definition.tls_server_name,
            skips_verification=definition.tls_skip_verify,
            output_limit=definition.output_max_size,
        )
    return await tcp.probe(definition.tcp, timeout_s=timeout_s, uses_tls=definition.tcp_use_tls)
