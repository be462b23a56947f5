"""What proxies report of the calls that reach them, and what is made of it for whoever looks.

Nothing here knows the time: whoever reports or asks says what time it is, in seconds since 1970.
"""

from datetime import datetime
from typing import Literal

import msgspec

from meshcore.registry.types import InstanceKey

Pair = tuple[str, str]  # source, destination

UNPROVED = ""  # the source of calls whose caller proved no identity of this trust domain

TrafficProtocol = Literal["http", "grpc", "tcp"]


class Counted(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Requests (of TCP: connections) that one proxy counted since its last report, all alike.

    `code` is an HTTP status, or the number of a gRPC status, or empty; `flags` are Envoy's response
    flags; `leaf` names what decided (intentions/leaves.py), and is empty where that is not known.
    """

    source: str
    destination: str
    protocol: TrafficProtocol
    code: str
    flags: str
    leaf: str
    is_denied: bool
    count: int


class Latency(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How long requests took since the last report: `counts[i]` of them at most `bounds_ms[i]`.

    There is one count more than bounds: of what took longer than the last of them.
    """

    source: str
    destination: str
    bounds_ms: tuple[float, ...]
    counts: tuple[int, ...]


class Throughput(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Bytes since the last report, and the connections that are open now, or None if not known."""

    source: str
    destination: str
    sent: int
    received: int
    connections: int | None = None


class Report(msgspec.Struct, frozen=True, array_like=True):
    """What one proxy says at a time. Who it is, its stream and its token say, never the message.

    `instance` is the instance of `service` that the proxy stands in front of. `number` tells its
    reports apart: one that equals a recent one of the same proxy is a repetition. The time that the
    proxy gives (in nanoseconds) will do; 0 is never a repetition.
    """

    service: str
    instance: InstanceKey
    interval_s: float
    counted: tuple[Counted, ...] = ()
    latencies: tuple[Latency, ...] = ()
    throughputs: tuple[Throughput, ...] = ()
    number: int = 0


class EdgeTraffic(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The calls of one edge, or those that reach one service, within a window; None: not known.

    `rate` is that of requests (of TCP: of connections) that were let through, a second;
    `denied_rate` that of those which an intention refused, and is no part of it. `error_ratio` is
    the share of errors (traffic/health.py) in what was let through.
    """

    rate: float | None = None
    error_ratio: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    bytes_per_s: float | None = None
    denied_rate: float | None = None
    connections: int | None = None
    seen_at: datetime | None = None  # the last call, or byte
    is_stale: bool = False  # nobody reports of it any more


NO_TRAFFIC = EdgeTraffic()


class Point(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One step of a series; all None where nobody reported."""

    at: datetime
    rate: float | None = None
    error_ratio: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    bytes_per_s: float | None = None
    denied_rate: float | None = None


class IntentionTraffic(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one intention decided, in all its revisions."""

    rate: float | None = None
    denied_rate: float | None = None
    seen_at: datetime | None = None


class Denial(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Attempts of one caller that one intention, or the default policy, refused.

    `leaf` names what decided last; `count` is of the last 15 minutes.
    """

    source: str
    leaf: str
    rate: float | None
    count: int
    seen_at: datetime
