"""The delta protocol against a model of a client: what it gets, and in which order."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcore.proxycfg.state import Nack
from meshcore.xds.names import CDS, ECDS, EDS, LDS, RDS, SDS
from meshcore.xds.resources import Resource
from meshcore.xds.stream import DeltaStream, Request, Response

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def one(type_: str, name: str, version: str = "1", *, needs: str = "") -> Resource:
    return Resource(type=type_, name=name, version=version, framed=b"", needs=needs)


def named(*resources: Resource) -> dict[str, Resource]:
    return {resource.name: resource for resource in resources}


def offered(*resources: Resource) -> DeltaStream:
    stream = DeltaStream()
    for type_ in (CDS, EDS, SDS, LDS, RDS, ECDS):
        stream.offer(type_, named(*(r for r in resources if r.type == type_)))
    return stream


def ask(stream: DeltaStream, type_: str, *names: str, **versions: str) -> list[Response]:
    stream.receive(Request(type=type_, subscribe=names, initial_versions=versions), now=NOW)
    return list(stream.due())


def ack(stream: DeltaStream, response: Response, error: str | None = None) -> list[Response]:
    request = Request(type=response.type, nonce=response.nonce, error=error)
    stream.receive(request, now=NOW)
    return list(stream.due())


def sent(responses: Iterable[Response]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(r.type, tuple(x.name for x in r.resources), r.removed) for r in responses]


def test_a_wildcard_type_is_sent_whole_and_a_named_one_as_asked_for() -> None:
    stream = offered(one(CDS, "web"), one(CDS, "api"), one(SDS, "leaf"), one(SDS, "roots"))
    assert sent(ask(stream, CDS)) == [(CDS, ("web", "api"), ())]
    assert sent(ask(stream, SDS, "roots")) == [(SDS, ("roots",), ())]


def test_a_name_that_does_not_exist_is_said_not_to_exist_once() -> None:
    stream = offered(one(SDS, "leaf"))
    (response,) = ask(stream, SDS, "nobody")
    assert sent([response]) == [(SDS, (), ("nobody",))]
    assert ack(stream, response) == []
    stream.offer(SDS, named(one(SDS, "leaf"), one(SDS, "nobody")))
    assert sent(stream.due()) == [(SDS, ("nobody",), ())]


def test_a_client_that_asks_again_is_sent_what_it_may_have_forgotten() -> None:
    stream = offered(one(SDS, "leaf"))
    (response,) = ask(stream, SDS, "leaf")
    ack(stream, response)
    assert sent(ask(stream, SDS, "leaf")) == [(SDS, ("leaf",), ())]


def test_a_client_that_reconnects_is_sent_only_what_changed_meanwhile() -> None:
    stream = offered(one(CDS, "web", "1"), one(CDS, "api", "2"))
    (response,) = ask(stream, CDS, web="1", api="1", gone="1")
    assert sent([response]) == [(CDS, ("api",), ())]
    assert sent(ack(stream, response)) == [(CDS, (), ("gone",))]


def test_changes_while_a_response_is_on_its_way_are_merged_into_one() -> None:
    stream = offered(one(CDS, "web", "1"))
    (first,) = ask(stream, CDS)
    for version in ("2", "3", "4"):
        stream.offer(CDS, named(one(CDS, "web", version), one(CDS, f"new-{version}")))
        assert list(stream.due()) == []
    (second,) = ack(stream, first)
    assert [(r.name, r.version) for r in second.resources] == [("web", "4"), ("new-4", "1")]


def test_what_was_refused_is_kept_and_not_sent_again_until_it_changes() -> None:
    stream = offered(one(LDS, "public", "1"))
    (response,) = ask(stream, LDS)
    assert ack(stream, response, error="no such filter") == []
    assert list(stream.nacks) == [
        Nack(kind="listener", names=("public",), message="no such filter", at=NOW)
    ]
    stream.offer(LDS, named(one(LDS, "public", "2")))
    assert sent(stream.due()) == [(LDS, ("public",), ())]


def test_a_stale_nonce_confirms_nothing() -> None:
    stream = offered(one(CDS, "web", "1"))
    ask(stream, CDS)
    stream.offer(CDS, named(one(CDS, "web", "2")))
    stream.receive(Request(type=CDS, nonce="another"), now=NOW)
    assert list(stream.due()) == []


def test_listeners_wait_for_clusters_and_for_their_endpoints() -> None:
    stream = offered(one(CDS, "api", needs="api"), one(EDS, "api"), one(LDS, "api:1"))
    (clusters,) = ask(stream, CDS)
    assert ask(stream, LDS) == []
    assert ack(stream, clusters) == []  # the client has not asked for endpoints yet
    (endpoints,) = ask(stream, EDS, "api")
    assert sent(ack(stream, endpoints)) == [(LDS, ("api:1",), ())]


def test_listeners_do_not_wait_for_the_endpoints_of_a_cluster_that_was_refused() -> None:
    stream = offered(one(CDS, "api", needs="api"), one(EDS, "api"), one(LDS, "api:1"))
    (clusters,) = ask(stream, CDS)
    ask(stream, LDS)
    assert sent(ack(stream, clusters, error="no")) == [(LDS, ("api:1",), ())]


def test_a_cluster_goes_after_the_listener_that_used_it() -> None:
    stream = offered(one(CDS, "old"), one(LDS, "old:1"))
    for type_ in (CDS, LDS):
        for response in ask(stream, type_):
            ack(stream, response)
    stream.offer(CDS, named(one(CDS, "new")))
    stream.offer(LDS, named(one(LDS, "new:1")))
    (clusters,) = stream.due()
    (listeners,) = ack(stream, clusters)
    assert sent([clusters, listeners]) == [(CDS, ("new",), ()), (LDS, ("new:1",), ("old:1",))]
    assert sent(ack(stream, listeners)) == [(CDS, (), ("old",))]


def test_a_cluster_stays_while_the_listener_that_replaces_its_user_is_refused() -> None:
    stream = offered(one(CDS, "old"), one(LDS, "here"))
    for type_ in (CDS, LDS):
        for response in ask(stream, type_):
            ack(stream, response)
    stream.offer(CDS, named(one(CDS, "new")))
    stream.offer(LDS, named(one(LDS, "here", "2")))
    (clusters,) = stream.due()
    (listeners,) = ack(stream, clusters)
    assert ack(stream, listeners, error="no") == []
    stream.offer(LDS, named(one(LDS, "here", "3")))
    (listeners,) = stream.due()
    assert sent(ack(stream, listeners)) == [(CDS, (), ("old",))]


class Client:
    """An Envoy: asks for the endpoints of its clusters and the routes of its listeners."""

    def __init__(self, stream: DeltaStream) -> None:
        self.stream = stream
        self.has: dict[str, dict[str, str]] = {t: {} for t in (CDS, EDS, LDS, RDS)}
        self.inbox: list[Response] = []
        for type_ in (CDS, LDS):
            self.stream.receive(Request(type=type_), now=NOW)
        self.take()

    def take(self) -> None:
        for response in self.stream.due():
            assert response.type not in {waiting.type for waiting in self.inbox}
            self.inbox.append(response)

    def answer(self, place: int) -> None:
        response = self.inbox.pop(place % len(self.inbox))
        mine = self.has[response.type]
        wanted = self.stream.subscriptions[response.type]
        mine.update(
            (resource.name, resource.version)
            for resource in response.resources
            if wanted.is_wildcard or resource.name in wanted.names
        )
        for name in response.removed:
            mine.pop(name, None)
        if response.type == LDS:
            for name in mine:
                assert name in self.has[CDS], "a listener came before its cluster"
        if response.type == CDS:
            for name in self.has[LDS]:
                assert name in mine, "a cluster went before its listener"
        self.stream.receive(Request(type=response.type, nonce=response.nonce), now=NOW)
        for owner, owned in ((CDS, EDS), (LDS, RDS)):
            if response.type == owner:
                self.follow(owned, self.has[owner])
        self.take()

    def follow(self, type_: str, owners: Mapping[str, str]) -> None:
        known = self.stream.subscriptions[type_].names
        added = tuple(sorted(owners.keys() - known))
        gone = tuple(sorted(known - owners.keys()))
        if added or gone:
            request = Request(type=type_, subscribe=added, unsubscribe=gone)
            self.stream.receive(request, now=NOW)
        for name in gone:
            self.has[type_].pop(name, None)


def everything(services: Mapping[str, int]) -> dict[str, dict[str, Resource]]:
    return {
        type_: named(
            *(
                one(type_, name, str(version), needs=name if type_ == CDS else "")
                for name, version in services.items()
            )
        )
        for type_ in (CDS, EDS, LDS, RDS)
    }


STEPS = st.lists(
    st.one_of(
        st.dictionaries(st.sampled_from(("web", "api", "db")), st.integers(1, 3)),
        st.integers(0, 3),
    ),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_any_interleaving_ends_with_the_client_having_what_is_offered(
    steps: list[dict[str, int] | int],
) -> None:
    stream, services = DeltaStream(), {"web": 1}
    for type_, resources in everything(services).items():
        stream.offer(type_, resources)
    client = Client(stream)
    for step in steps:
        if isinstance(step, int):
            if client.inbox:
                client.answer(step)
            continue
        services = step
        for type_, resources in everything(services).items():
            stream.offer(type_, resources)
        client.take()
    while client.inbox:
        client.answer(0)
    expected = {name: str(version) for name, version in services.items()}
    assert client.has == dict.fromkeys((CDS, EDS, LDS, RDS), expected)
    assert not any(s.in_flight or s.is_stale for s in stream.subscriptions.values())


@pytest.mark.parametrize("type_", [SDS, ECDS])
def test_secrets_and_intentions_wait_for_nothing(type_: str) -> None:
    stream = offered(one(CDS, "api", needs="api"), one(EDS, "api"), one(type_, "x"))
    ask(stream, CDS)
    assert sent(ask(stream, type_, "x")) == [(type_, ("x",), ())]
