"""Reports as proxies of web, api and db make them."""

from meshcore.traffic.types import Counted, Report, TrafficProtocol

T0 = 1_790_000_000.0  # some time on a whole step


def calls(
    count: int,
    *,
    source: str = "web",
    destination: str = "api",
    protocol: TrafficProtocol = "http",
    code: str = "200",
    flags: str = "-",
    leaf: str = "web>api@7",
    is_denied: bool = False,
) -> Counted:
    return Counted(source, destination, protocol, code, flags, leaf, is_denied, count)


def denied(
    count: int, *, source: str = "web", destination: str = "db", leaf: str = "web>db@9"
) -> Counted:
    return calls(
        count, source=source, destination=destination, code="403", leaf=leaf, is_denied=True
    )


def report(
    *counted: Counted,
    service: str = "api",
    instance: str = "",
    interval_s: float = 1.0,
    number: int = 0,
) -> Report:
    return Report(
        service=service,
        instance=("node-1", instance or f"{service}-1"),
        interval_s=interval_s,
        counted=counted,
        number=number,
    )
