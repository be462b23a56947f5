"""Whose reports are taken, and of what they are taken to be."""

import asyncio
from collections.abc import Iterator, Mapping

import grpc
import pytest
from prometheus_client import REGISTRY

from meshcore.certificates.sealing import generate, parse
from meshcore.certificates.types import Lifetimes
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import CONNECT_PROXY, Instance, Proxy
from meshcore.store.issuer import Issuer
from meshcore.store.store import Store
from meshcore.telemetry.door import NODE, PROXY, Receiving, take
from meshcore.telemetry.shedding import LARGEST
from meshcore.traffic.live import Traffic
from meshcore.traffic.types import Counted, Report
from tests.store.calling import callers
from tests.store.conftest import sqlite, sqlite_template
from tests.store.databases import Database
from tests.telemetry.exports import export, spiffe, total

__all__ = ["sqlite", "sqlite_template"]  # they are fixtures here too

API = {NODE: "node-1", PROXY: "api-1-sidecar-proxy"}
CALLS = {"protocol": "http", "code": "200", "flags": "-", "rule": "web>api@7", "result": "allowed"}


@pytest.fixture
def store(sqlite: Database) -> Iterator[Store]:
    store = Store(alias=sqlite.alias)
    store.open()
    key = parse(generate())
    issuer = Issuer(store, sealing_key=key, datacenter="dc1", lifetimes=Lifetimes())
    asyncio.run(issuer.prepare())
    store.write_from_thread(registering, actor="test")
    yield store
    store.close()


def registering(_mesh: Mesh) -> Iterator[Change]:
    proxy = Proxy(destination_service="api", destination_id="api-1")
    for instance in (
        Instance(node="node-1", id="api-1", service="api"),
        Instance(
            node="node-1",
            id="api-1-sidecar-proxy",
            service="api-sidecar-proxy",
            kind=CONNECT_PROXY,
            proxy=proxy,
        ),
    ):
        yield Change(Topic.INSTANCE, instance.key, before=None, after=instance)


@pytest.fixture
def heard() -> list[Report]:
    return []


@pytest.fixture
def receiving(store: Store, heard: list[Report]) -> Receiving:
    traffic = Traffic()
    traffic.tell(heard.append)
    return Receiving(store=store, callers=callers(store), traffic=traffic, default_allow=False)


def outcomes() -> dict[str, float]:
    found = {}
    for outcome in ("taken", "shed", "refused"):
        labels = {"outcome": outcome}
        found[outcome] = REGISTRY.get_sample_value("tulle_telemetry_reports_total", labels) or 0
    return found


def since(before: dict[str, float]) -> dict[str, float]:
    return {outcome: count - before[outcome] for outcome, count in outcomes().items()}


def test_a_report_is_of_the_service_that_its_proxy_stands_before(
    receiving: Receiving, heard: list[Report], store: Store
) -> None:
    domain = store.mesh.certificates.trust_domain
    told = {"source": spiffe("web", domain), "destination": "db"}
    before = outcomes()
    assert take(receiving, export(total("tulle.requests", 9, CALLS | told)), API) is None
    (report,) = heard
    assert (report.service, report.instance) == ("api", ("node-1", "api-1"))
    assert report.counted == (
        Counted("web", "api", "http", "200", "", "web>api@7", is_denied=False, count=9),
    )
    assert since(before) == {"taken": 1, "shed": 0, "refused": 0}


@pytest.mark.parametrize(
    ("metadata", "message", "code"),
    [
        pytest.param({}, b"", grpc.StatusCode.INVALID_ARGUMENT, id="nobody"),
        pytest.param(
            API | {PROXY: "db-1-sidecar-proxy"}, b"", grpc.StatusCode.NOT_FOUND, id="unregistered"
        ),
        pytest.param(API | {NODE: "node-2"}, b"", grpc.StatusCode.NOT_FOUND, id="on another node"),
        pytest.param(API | {PROXY: "api-1"}, b"", grpc.StatusCode.NOT_FOUND, id="no proxy"),
        pytest.param(API, b"\xff", grpc.StatusCode.INVALID_ARGUMENT, id="no export"),
        pytest.param(
            API, b"\x00" * (LARGEST + 1), grpc.StatusCode.INVALID_ARGUMENT, id="too large"
        ),
    ],
)
def test_what_cannot_be_taken_is_refused_and_counted(
    receiving: Receiving,
    heard: list[Report],
    metadata: Mapping[str, str | bytes],
    message: bytes,
    code: grpc.StatusCode,
) -> None:
    before = outcomes()
    refused = take(receiving, message, metadata)
    assert refused is not None
    assert refused[0] is code
    assert heard == []
    assert since(before) == {"taken": 0, "shed": 0, "refused": 1}


def test_a_flood_is_shed_and_counted(receiving: Receiving, heard: list[Report]) -> None:
    before = outcomes()
    answers = [take(receiving, export(), API) for _ in range(100)]
    assert answers[0] is None
    assert answers[-1] == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "you report more than is listened to",
    )
    assert 10 <= len(heard) < 20
    assert since(before) == {"taken": len(heard), "shed": 100 - len(heard), "refused": 0}
