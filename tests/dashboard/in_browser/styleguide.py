"""Every part in every state, as one page: to be looked at, and to be tried."""

from datetime import UTC, datetime

import msgspec

from dashboard.pages import Page

PATH = "/ui/styleguide"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Row(msgspec.Struct, frozen=True):
    name: str
    status: str
    verdict: str
    id: str
    instances: int
    changed: datetime = AT


ROWS = (
    Row("checkout", "critical", "deny", "5f0c8f3a-9b1e-4a0d-8a55-0d2b1d6c7a11", 3),
    Row("frontend", "passing", "allow", "b7e2", 12),
    Row("ledger", "warning", "conditional", "c1d2f3a4-aaaa-bbbb-cccc-0d2b1d6c7a12", 1204),
    Row("postgres", "maintenance", "default-deny", "d9", 1),
    Row("vault", "unknown", "default-allow", "e0", 0),
)


def page() -> Page:
    return Page(
        template="dashboard/styleguide.html",
        title="ledger",
        context={
            "rows": ROWS,
            "crumbs": (("Services", "/ui/services"),),
            "spiffe": "spiffe://3f1c8a0e.consul/ns/default/dc/dc1/svc/ledger",
        },
        watch_keys=(),
        is_filtered=True,
    )
