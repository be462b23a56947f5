"""What a server says when another one writes too, and when it has lost sight of the log."""

import asyncio
from collections.abc import Iterator

import msgspec
import pytest
from django.db import transaction

from meshcore.consul_api import app
from meshcore.store import store as store_module
from meshcore.store import writer
from meshcore.store.store import Store
from tests.consul_api.calling import Consul
from tests.store.databases import Database

WEB = {"Node": "node-2", "Address": "10.0.0.2", "Service": {"Service": "web", "Port": 80}}


@pytest.fixture
def no_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "POLL_S", 3600.0)


@pytest.fixture
def other(
    no_polls: None, consul: Consul, sqlite: Database, runner: asyncio.Runner
) -> Iterator[Consul]:
    """Another server of the same mesh, which nobody tells that there is something new."""
    store = Store(alias=sqlite.alias)
    store.open()
    yield Consul(runner, app.create(msgspec.structs.replace(consul.context, store=store)))
    store.close()


def test_a_consistent_read_misses_no_write_of_another_server(consul: Consul, other: Consul) -> None:
    consul.put("/v1/catalog/register", WEB)
    assert other.get("/v1/catalog/services").json == {}
    assert other.get("/v1/catalog/services?consistent").json == {"web": []}


def test_a_client_that_comes_from_another_server_is_not_sent_back(
    consul: Consul, other: Consul
) -> None:
    consul.put("/v1/catalog/register", WEB)
    index = consul.get("/v1/catalog/service/web").index
    reply = other.get(f"/v1/catalog/service/web?index={index}&wait=1ms")
    assert (reply.index, [each["Node"] for each in reply.json]) == (index, ["node-2"])


def test_a_server_that_does_not_follow_says_for_how_long(
    consul: Consul, other: Consul, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("x-consul-knownleader", "x-consul-lastcontact", "x-consul-effective-consistency")
    fresh = other.get("/v1/catalog/nodes").headers
    assert [fresh[name] for name in names] == ["true", "0", "leader"]
    monkeypatch.setattr(store_module, "STALE_FROM_S", 0.0)
    late = other.get("/v1/catalog/nodes").headers
    assert [late[name] for name in (names[0], names[2])] == ["false", "stale"]
    assert late["x-consul-lastcontact"].isdecimal()


def test_what_is_older_than_a_client_takes_is_brought_up_to_date(
    consul: Consul, other: Consul, monkeypatch: pytest.MonkeyPatch
) -> None:
    consul.put("/v1/catalog/register", WEB)
    monkeypatch.setattr(store_module, "STALE_FROM_S", 0.0)
    assert other.get("/v1/catalog/services?stale&max_stale=1h").json == {}
    assert other.get("/v1/catalog/services?stale&max_stale=0s").json == {"web": []}
    assert other.get("/v1/catalog/services?max_stale=soon").status == 400


def test_who_asks_a_database_that_hangs_is_told_so_in_time(
    consul: Consul, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "LONGEST_ANSWER_S", 0.01)
    with transaction.atomic(using=sqlite.alias):
        reply = consul.ask("PUT", "/v1/catalog/register", WEB)
    told = "the database has not answered for 0.01 s: whether this was written shows when it is"
    assert (reply.status, reply.text) == (503, f"{told} back")
