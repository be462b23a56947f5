"""Certificates and how long each has left, as Consul's certificate inventory writes it.

Consul warns by days alone, where a leaf of three days would always be critical. Here what renews
itself is ok until it is late; days count for what a person has to replace: a given root.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from meshcore.certificates.inventory import HeldLeaf, Inventory, KnownRoot, Life

CRITICAL_DAYS, WARNING_DAYS = 7, 30
DAY_S = 24 * 60 * 60
Severity = Literal["critical", "warning", "ok"]
SEVERITIES: dict[str, Severity] = {"critical": "critical", "warning": "warning", "passing": "ok"}
SCORES: dict[Severity, tuple[int, str]] = {
    "critical": (90, "red"),
    "warning": (50, "yellow"),
    "ok": (10, "green"),
}


class CertificateOut(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str
    name: str
    type: Literal["ca", "leaf"]
    subtype: str
    days_remaining: int
    seconds_remaining: int
    severity: Severity
    severity_score: int
    color: str
    renewal_failure: bool
    renewal_failure_reason: str


def inventory_out(inventory: Inventory, *, now: datetime) -> dict[str, Any]:
    listed = [*map(_root, inventory.roots), *map(_leaf, inventory.leaves)]
    failing = [each for each in listed if each.renewal_failure]
    return {
        "certificates": listed,
        "summary": {
            "total": len(listed),
            "by_severity": Counter(each.severity for each in listed),
            "by_type": Counter(each.type for each in listed),
            "total_with_failures": len(failing),
            "expiring_soon_with_failures": sum(each.severity == "critical" for each in failing),
            "failures_by_reason": Counter(each.renewal_failure_reason for each in failing),
        },
        "thresholds": {"critical_days": CRITICAL_DAYS, "warning_days": WARNING_DAYS},
        "cached": False,
        "cache_expires": now,
    }


def _root(root: KnownRoot) -> CertificateOut:
    severity = SEVERITIES[root.life.severity]
    if root.is_given and severity == "ok":
        severity = _by_days(root.life.remaining)
    subtype = f"{'given' if root.is_given else 'root'}-{root.state}"
    return _row(root.id, root.name, "ca", subtype, root.life, severity)


def _leaf(leaf: HeldLeaf) -> CertificateOut:
    subtype = leaf.holder.service_id or "agent"
    return _row(
        leaf.serial, leaf.service, "leaf", subtype, leaf.life, SEVERITIES[leaf.life.severity]
    )


def _by_days(remaining: timedelta) -> Severity:
    if remaining < timedelta(days=CRITICAL_DAYS):
        return "critical"
    return "warning" if remaining < timedelta(days=WARNING_DAYS) else "ok"


def _row(
    identity: str,
    name: str,
    kind: Literal["ca", "leaf"],
    subtype: str,
    life: Life,
    severity: Severity,
) -> CertificateOut:
    seconds = int(life.remaining.total_seconds())
    score, color = SCORES[severity]
    return CertificateOut(
        id=identity,
        name=name,
        type=kind,
        subtype=subtype,
        days_remaining=seconds // DAY_S,
        seconds_remaining=seconds,
        severity=severity,
        severity_score=score,
        color=color,
        renewal_failure=bool(life.warning),
        renewal_failure_reason=life.warning,
    )
