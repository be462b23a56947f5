"""/v1/agent/metrics: what this process counts, as Consul's JSON or as Prometheus reads it.

Consul's JSON is of the last interval; here counters tell what they have come to since the start.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.metrics_core import Metric

from meshcore.acl.rules import Access, RuleKind
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import Content
from meshcore.consul_api.routes import Reading, Route, Routes

SCRAPED_AS = (b"version=0.0.4", b"application/openmetrics-text")


def metrics(context: Context, request: Request) -> Reading:
    """Takes agent:read. Services are named in it: who scrapes is to see all of the mesh."""
    request.caller.require(RuleKind.AGENT, Access.READ, context.node_name)
    accepted = request.headers.get(b"accept", b"")
    is_for_prometheus = request.param("format") == "prometheus" or any(
        kind in accepted for kind in SCRAPED_AS
    )
    return Reading(
        watch_keys=(),
        answer=lambda *_: exposition() if is_for_prometheus else as_json(datetime.now(UTC)),
        is_blocking=False,
        is_kept=False,
    )


def exposition() -> Content:
    return Content(body=generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST.encode())


def as_json(now: datetime) -> dict[str, object]:
    families = list(REGISTRY.collect())
    return {
        "Timestamp": f"{now:%Y-%m-%d %H:%M:%S} +0000 UTC",
        "Gauges": [each for family in families for each in gauges(family)],
        "Points": [],
        "Counters": [each for family in families for each in counters(family)],
        "Samples": [each for family in families for each in samples(family)],
    }


def gauges(family: Metric) -> Iterator[dict[str, object]]:
    if family.type == "gauge":
        for sample in family.samples:
            yield {"Name": sample.name, "Value": sample.value, "Labels": sample.labels}


def counters(family: Metric) -> Iterator[dict[str, object]]:
    if family.type == "counter":
        for sample in family.samples:
            if sample.name.endswith("_total"):
                yield summary(family.name, sample.value, sample.value, sample.labels)


def samples(family: Metric) -> Iterator[dict[str, object]]:
    """Of a histogram how often, and how much in all."""
    if family.type == "histogram":
        sums = {
            tuple(each.labels.items()): each.value
            for each in family.samples
            if each.name == f"{family.name}_sum"
        }
        for each in family.samples:
            if each.name == f"{family.name}_count":
                total = sums.get(tuple(each.labels.items()), 0.0)
                yield summary(family.name, each.value, total, each.labels)


def summary(name: str, count: float, total: float, labels: dict[str, str]) -> dict[str, object]:
    mean = total / count if count else 0.0
    return {
        "Name": name,
        "Count": int(count),
        "Rate": 0,
        "Sum": total,
        "Min": 0,
        "Max": 0,
        "Mean": mean,
        "Stddev": 0,
        "Labels": labels,
    }


ROUTES: Routes = {"/v1/agent/metrics": Route(reads=metrics)}
