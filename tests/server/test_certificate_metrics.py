"""What Prometheus is told of certificates."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from meshcore.certificates.holders import agent_leaf_key
from meshcore.certifying import CertificateMetrics
from meshcore.store.authorities import utc_now
from meshcore.store.store import Store
from tests.store.conftest import sqlite, sqlite_template
from tests.store.databases import Database
from tests.store.test_issuer import LIFETIMES
from tests.tasks.test_certificates import issuer_of

__all__ = ["sqlite", "sqlite_template"]  # they are fixtures here too


@pytest.fixture
def store(sqlite: Database) -> Iterator[Store]:
    store = Store(alias=sqlite.alias)
    store.open()
    yield store
    store.close()


def scraped(store: Store) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(CertificateMetrics(store))
    lines = generate_latest(registry).decode().splitlines()
    samples = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in samples}


def test_what_ends_when_and_whether_all_is_well(store: Store) -> None:
    assert scraped(store)["tulle_certificates_trouble"] == 0
    issuer = issuer_of(store, utc_now)

    async def issued() -> None:
        await issuer.prepare()
        await issuer.leaf(agent_leaf_key("web"), "web")

    asyncio.run(issued())
    active = store.mesh.certificates.active_root()
    assert active is not None
    found = scraped(store)
    name = f'tulle_certificates_root_remaining_seconds{{root="{active.id}",state="active"}}'
    assert found.pop(name) == pytest.approx(LIFETIMES.root.total_seconds(), abs=60)
    first = found.pop("tulle_certificates_first_leaf_remaining_seconds")
    assert first == pytest.approx(LIFETIMES.leaf.total_seconds(), abs=60)
    assert found == {
        'tulle_certificates_leaves{severity="critical"}': 0,
        'tulle_certificates_leaves{severity="warning"}': 0,
        'tulle_certificates_leaves{severity="passing"}': 1,
        "tulle_certificates_trouble": 0,
    }


def test_trouble_is_one(store: Store) -> None:
    late = issuer_of(store, lambda: utc_now() - timedelta(hours=87600))
    asyncio.run(late.prepare())
    assert scraped(store)["tulle_certificates_trouble"] == 1
