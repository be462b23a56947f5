"""What counts as an error."""

from meshcore.traffic.types import TrafficProtocol

# As OpenTelemetry counts the errors of servers: what the caller did wrong is none.
GRPC_ERRORS = frozenset(("2", "4", "12", "13", "14", "15"))
# Envoy reached no instance, or lost it: none healthy, failed, reset, overflow, timeout, no route.
TCP_ERRORS = frozenset(("UH", "UF", "UC", "UR", "UO", "UT", "NR", "NC"))


def is_error(protocol: TrafficProtocol, *, code: str, flags: str) -> bool:
    if protocol == "http":
        return len(code) == 3 and code[0] == "5"
    if protocol == "grpc":
        return code in GRPC_ERRORS
    return not TCP_ERRORS.isdisjoint(flags.split(","))
