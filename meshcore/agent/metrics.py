"""What an operator alerts on: /v1/agent/metrics, as Prometheus reads it or in Consul's JSON."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from meshcore.acl.rules import Access, RuleKind, exactly
from meshcore.agent.host import Host
from meshcore.agent.local import Local
from meshcore.agent.registering import Registrar
from meshcore.agent.requests import TEXT, Content, Request, json_content
from meshcore.registry.validation import STATUSES

PROMETHEUS = "prometheus"
COUNTED_SINCE = "_created"  # beside each counter: when it began


class HostMetrics(Collector):
    """Read from the host when it is scraped."""

    def __init__(self, host: Host, registrar: Registrar) -> None:
        self._host = host
        self._registrar = registrar

    def collect(self) -> Iterable[Metric]:
        registry = self._host.registry
        by_status = Counter(record.value.status for record in registry.checks.values())
        checks = GaugeMetricFamily(
            "tulle_agent_checks", "Checks of this host, by their status", labels=["status"]
        )
        for status in STATUSES:
            checks.add_metric([status], by_status[status])
        yield checks
        yield GaugeMetricFamily(
            "tulle_agent_services",
            "Instances that are registered on this host, sidecars among them",
            value=len(registry.instances),
        )
        yield GaugeMetricFamily(
            "tulle_agent_undelivered",
            "1 while the catalog does not have what is wanted on this host, else 0",
            value=not self._registrar.is_current,
        )


async def metrics(local: Local, request: Request) -> Content:
    rule = exactly(RuleKind.AGENT, local.host.node.name, Access.READ)
    await local.verdicts.require(request.secret, [rule])
    if request.param("format") == PROMETHEUS:
        return Content(body=generate_latest(REGISTRY), content_type=TEXT)
    return json_content(as_consul(REGISTRY.collect()), is_pretty=request.has("pretty"))


def as_consul(families: Iterable[Metric]) -> dict[str, Any]:
    """Counters stand apart from all that goes up and down."""
    gauges, counters = [], []
    for family in families:
        for sample in family.samples:
            if sample.name.endswith(COUNTED_SINCE):
                continue
            if family.type == "counter":
                counters.append(
                    {"Name": sample.name, "Count": sample.value, "Labels": sample.labels}
                )
            else:
                gauges.append({"Name": sample.name, "Value": sample.value, "Labels": sample.labels})
    return {
        "Timestamp": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} +0000 UTC",
        "Gauges": gauges,
        "Points": [],
        "Counters": counters,
        "Samples": [],
    }
