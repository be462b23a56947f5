"""What pages tell of traffic: 15 minutes of a service or an instance, its callers, its denials.

A service that the token may not read is not named: what hides is counted (`hidden`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from dashboard.numbers import rounded
from dashboard.pages import PageRequest
from meshcore.acl.rules import Access, RuleKind
from meshcore.intentions.leaves import deciding
from meshcore.registry.types import InstanceKey
from meshcore.traffic.types import UNPROVED, Denial, EdgeTraffic, Point

REFRESH = timedelta(seconds=5)  # traffic is no part of the mesh, and its steps are of five seconds
CALLERS_OF_S = 60
MOST = 10  # callers, called services and denials
PER_MINUTE = 12  # steps


class Minute(msgspec.Struct, frozen=True):
    """A row of the table that says the same as the charts."""

    at: datetime
    rate: float
    errors: float
    denied: float
    p95_ms: float | None


class Charted(msgspec.Struct, frozen=True, kw_only=True):
    """`points` is what the charts draw, as JSON: one list for each column (traffic_chart.ts)."""

    points: str
    minutes: tuple[Minute, ...]
    now: EdgeTraffic | None


class OtherRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, or is called; no name is a caller that proved no identity."""

    name: str
    traffic: EdgeTraffic


class Others(msgspec.Struct, frozen=True):
    rows: tuple[OtherRow, ...]
    hidden: int


class DenialRow(msgspec.Struct, frozen=True, kw_only=True):
    """`ends` are those of the intention that decided; none is the default policy."""

    source: str
    count: int
    rate: float | None
    seen_at: datetime
    ends: tuple[str, str] | None
    place: str


def charted(
    request: PageRequest, service: str, *, instance: InstanceKey | None = None
) -> Charted | None:
    """None where nobody reported anything in the last 15 minutes."""
    traffic, now_s = request.facts.traffic, request.now.timestamp()
    points = traffic.series(destination=service, instance=instance, now_s=now_s)
    if all(point.rate is None for point in points):
        return None
    return Charted(
        points=columns(points),
        minutes=minutes(points),
        now=None if instance else traffic.vertices(now_s=now_s).get(service),
    )


def columns(points: Sequence[Point]) -> str:
    drawn = {
        "at": [int(point.at.timestamp()) for point in points],
        "rate": [short(point.rate) for point in points],
        "errors": [short(errors(point)) for point in points],
        "denied": [short(point.denied_rate) for point in points],
        "p50": [short(point.p50_ms) for point in points],
        "p95": [short(point.p95_ms) for point in points],
        "p99": [short(point.p99_ms) for point in points],
        "bytes": [short(point.bytes_per_s) for point in points],
    }
    return msgspec.json.encode(drawn).decode()


def short(value: float | None) -> float | None:
    return None if value is None else rounded(value)


def errors(point: Point) -> float | None:
    return None if point.rate is None else point.rate * (point.error_ratio or 0)


def minutes(points: Sequence[Point]) -> tuple[Minute, ...]:
    """The latest first; of percentiles the highest, since they cannot be added."""
    rows = []
    for start in range(0, len(points), PER_MINUTE):
        known = [each for each in points[start : start + PER_MINUTE] if each.rate is not None]
        if known:
            rows.append(
                Minute(
                    at=known[0].at,
                    rate=mean(each.rate for each in known),
                    errors=mean(errors(each) for each in known),
                    denied=mean(each.denied_rate for each in known),
                    p95_ms=max((each.p95_ms for each in known if each.p95_ms), default=None),
                )
            )
    return tuple(reversed(rows))


def mean(values: Iterable[float | None]) -> float:
    known = [value or 0.0 for value in values]
    return sum(known) / len(known)


def callers(request: PageRequest, service: str) -> Others:
    found = request.facts.traffic.callers(
        service, window_s=CALLERS_OF_S, now_s=request.now.timestamp()
    )
    return others(request, found)


def called(request: PageRequest, service: str) -> Others:
    edges = request.facts.traffic.edges(now_s=request.now.timestamp())
    return others(request, {pair[1]: each for pair, each in edges.items() if pair[0] == service})


def others(request: PageRequest, found: Mapping[str, EdgeTraffic]) -> Others:
    rows = [OtherRow(name=name, traffic=each) for name, each in found.items() if is_busy(each)]
    rows.sort(key=lambda row: (-(row.traffic.rate or 0), row.name))
    seen = [row for row in rows if may_see(request, row.name)]
    return Others(tuple(seen[:MOST]), len(rows) - len(seen))


def is_busy(traffic: EdgeTraffic) -> bool:
    return bool(traffic.rate or traffic.denied_rate or traffic.connections)


def may_see(request: PageRequest, name: str) -> bool:
    return name == UNPROVED or request.caller.may(RuleKind.SERVICE, Access.READ, name)


def denials(request: PageRequest, service: str) -> tuple[DenialRow, ...]:
    """Only of what the caller may read: who asks for this has asked for the intentions."""
    found = request.facts.traffic.denials(service, now_s=request.now.timestamp())
    seen = [denial for denial in found if may_see(request, denial.source)]
    return tuple(denial_row(denial, service) for denial in seen[:MOST])


def denial_row(denial: Denial, service: str) -> DenialRow:
    return DenialRow(
        source=denial.source,
        count=denial.count,
        rate=denial.rate,
        seen_at=denial.seen_at,
        ends=deciding(denial.leaf, service),
        place=place(denial.leaf),
    )


def place(leaf: str) -> str:
    """Which part of an intention decided (intentions/leaves.py)."""
    _, _, named = leaf.partition("#")
    if named.isdecimal():
        return f"permission {int(named) + 1}"
    return {"none": "no permission is met", "tcp": "permissions need HTTP"}.get(named, "")
