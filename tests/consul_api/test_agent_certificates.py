"""`/v1/agent/metrics/certificates`, with a clock that has moved on."""

from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from meshcore.certificates.inventory import inventory
from meshcore.certificates.types import Leaf, Root
from meshcore.wire.certificate_inventory import inventory_out
from tests.certificates.test_inventory import HOUR, START, a_leaf, a_root, certificates
from tests.consul_api.calling import Consul


def test_every_certificate_is_told_with_what_it_has_left(consul: Consul) -> None:
    consul.run(consul.context.issuer.prepare())
    consul.run(consul.context.issuer.leaf("agent:web", "web"))
    began = datetime.now(UTC)
    told = consul.get("/v1/agent/metrics/certificates").json
    root, leaf = told["certificates"]
    assert 3649 <= root.pop("days_remaining") <= 3650
    assert leaf.pop("seconds_remaining") <= 72 * 3600
    assert {key: root[key] for key in ("name", "type", "subtype", "severity")} == {
        "name": "Tulle CA Root Cert",
        "type": "ca",
        "subtype": "root-active",
        "severity": "ok",
    }
    assert (leaf["name"], leaf["type"], leaf["days_remaining"]) == ("web", "leaf", 2)
    assert told["summary"] == {
        "total": 2,
        "by_severity": {"ok": 2},
        "by_type": {"ca": 1, "leaf": 1},
        "total_with_failures": 0,
        "expiring_soon_with_failures": 0,
        "failures_by_reason": {},
    }
    assert told["thresholds"] == {"critical_days": 7, "warning_days": 30}
    assert datetime.fromisoformat(told["cache_expires"]) >= began


def severities(root: Root, leaf: Leaf, *, at: timedelta) -> list[tuple[str, int, str]]:
    known = inventory(certificates(root, leaves={"agent:web": leaf}), now=START + at)
    told = inventory_out(known, now=START + at)["certificates"]
    return [(each.severity, each.severity_score, each.color) for each in told]


def test_warnings_are_for_what_is_late_and_for_given_roots_by_days() -> None:
    judged = partial(severities, leaf=a_leaf(lasts=10 * HOUR))
    made = a_root("a", "active")
    given = msgspec.structs.replace(made, is_given=True)
    green, yellow, red = ("ok", 10, "green"), ("warning", 50, "yellow"), ("critical", 90, "red")
    assert judged(made, at=1 * HOUR) == [green, green]
    assert judged(made, at=9.5 * HOUR) == [green, yellow]
    assert judged(given, at=10 * HOUR) == [green, red]
    assert judged(given, at=400 * HOUR)[0] == yellow
    assert judged(given, at=850 * HOUR)[0] == red
