"""How Envoy's stat names fall apart into labels, under the names that Consul's dashboards look for.

Envoy takes what a regex's first group matches out of the stat's name and makes the second group's
match the label's value.
"""

import re
from collections.abc import Iterator, Sequence

from meshcore.client.http import Json

LABEL = "[^.]+"


def of_clusters(trust_domain: str) -> Iterator[Json]:
    """`cluster.web.default.dc1.internal.<trust domain>.upstream_rq_total` and the like."""
    parts = {
        "consul.destination.service": LABEL,
        "consul.destination.namespace": LABEL,
        "consul.destination.datacenter": LABEL,
        "consul.destination.routing_type": "internal|external",
        "consul.destination.trust_domain": re.escape(trust_domain),
    }
    yield from _places("cluster", list(parts), list(parts.values()))
    target = r"\.".join([LABEL] * 3)
    rest = rf"(?:internal|external)\.{re.escape(trust_domain)}"
    yield _tag("consul.destination.target", rf"^cluster\.(({target})\.{rest}\.)")
    yield _tag("consul.destination.full_target", rf"^cluster\.(({target}\.{rest})\.)")


def of_upstreams() -> Iterator[Json]:
    """`tcp.upstream.db.default.default.dc1.downstream_cx_total` and the like."""
    names = [f"consul.upstream.{n}" for n in ("service", "namespace", "partition", "datacenter")]
    yield from _places(r"(?:tcp|http)\.upstream", names, [LABEL] * 4)


def of_source(service: str, datacenter: str) -> Iterator[Json]:
    """The same on all that this proxy counts."""
    fixed = {
        "local_cluster": service,
        "consul.source.service": service,
        "consul.source.namespace": "default",
        "consul.source.partition": "default",
        "consul.source.datacenter": datacenter,
    }
    for name, value in fixed.items():
        yield {"tag_name": name, "fixed_value": value}


def _places(prefix: str, names: Sequence[str], patterns: Sequence[str]) -> Iterator[Json]:
    for place, name in enumerate(names):
        groups = (f"({p})" if i == place else f"(?:{p})" for i, p in enumerate(patterns))
        found = r"\.".join(groups)
        yield _tag(name, rf"^{prefix}\.({found}\.)")


def _tag(name: str, regex: str) -> Json:
    return {"tag_name": name, "regex": regex}
