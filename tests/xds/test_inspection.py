"""What is seen of a stream from outside, at each step of a push."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from meshcore.proxycfg.state import ConnectedProxy, Nack, ResourceState
from meshcore.xds.inspection import connected, offered, states
from meshcore.xds.names import LDS, SDS
from meshcore.xds.stream import DeltaStream, Request, Response
from meshcore.xds.streams import OpenStream, Streams
from tests.xds.test_stream import ack, ask, named, one

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def stream() -> Iterator[OpenStream]:
    loop = asyncio.new_event_loop()
    yield OpenStream(
        proxy_id="web-sidecar-proxy",
        peer="ipv4:127.0.0.1:40000",
        since=NOON,
        protocol=DeltaStream(),
        cut=loop.create_future(),
    )
    loop.close()


def listener(
    wanted: str | None, sent: str | None, acknowledged: str | None, refusal: str = ""
) -> ResourceState:
    return ResourceState(
        kind="listener",
        name="public",
        wanted=wanted,
        sent=sent,
        acknowledged=acknowledged,
        refusal=refusal,
    )


def seen(stream: OpenStream) -> list[ResourceState]:
    return list(states(stream, offered(stream.protocol)))


def offer(stream: OpenStream, version: str) -> Response:
    """Make the listener anew, and return what is sent of it."""
    stream.protocol.offer(LDS, named(one(LDS, "public", version)))
    (response,) = ask(stream.protocol, LDS)
    return response


def test_resource_is_wanted_then_sent_then_acknowledged(stream: OpenStream) -> None:
    stream.protocol.offer(LDS, named(one(LDS, "public", "1")))
    assert [each.is_asked_for for each in seen(stream)] == [False]
    (response,) = ask(stream.protocol, LDS)
    assert seen(stream) == [listener("1", "1", None)]
    assert connected(stream).unsettled == 1
    ack(stream.protocol, response)
    assert seen(stream) == [listener("1", "1", "1")]
    assert connected(stream).unsettled == 0


def test_what_a_proxy_brings_along_counts_as_acknowledged(stream: OpenStream) -> None:
    stream.protocol.offer(LDS, named(one(LDS, "public", "2")))
    ask(stream.protocol, LDS, public="1")
    assert seen(stream) == [listener("2", "2", "1")]


def test_refused_resource_stays_as_acknowledged_before_and_says_why(stream: OpenStream) -> None:
    ack(stream.protocol, offer(stream, "1"))
    stream.protocol.offer(LDS, named(one(LDS, "public", "2")))
    (response,) = stream.protocol.due()
    ack(stream.protocol, response, error="no such filter")
    assert seen(stream) == [listener("2", "2", "1", "no such filter")]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert connected(stream) == ConnectedProxy(
        proxy_id="web-sidecar-proxy",
        proxy=None,
        peer="ipv4:127.0.0.1:40000",
        since=NOON,
        accessor="",
        envoy_version="",
        pushes=0,
        unsettled=1,
        nacks=(Nack(kind="listener", names=("public",), message="no such filter", at=now),),
    )


def test_removed_resource_is_seen_until_its_removal_is_acknowledged(stream: OpenStream) -> None:
    ack(stream.protocol, offer(stream, "1"))
    stream.protocol.offer(LDS, {})
    assert seen(stream) == [listener(None, "1", "1")]
    (response,) = stream.protocol.due()
    assert seen(stream) == [listener(None, None, "1")]
    ack(stream.protocol, response)
    assert seen(stream) == []


def test_name_that_is_given_up_is_not_kept_as_acknowledged(stream: OpenStream) -> None:
    stream.protocol.offer(SDS, named(one(SDS, "leaf", "1")))
    (response,) = ask(stream.protocol, SDS, "leaf")
    ack(stream.protocol, response)
    stream.protocol.receive(Request(type=SDS, unsubscribe=("leaf",)), now=NOON)
    (state,) = seen(stream)
    assert (state.sent, state.acknowledged, state.is_settled) == (None, None, True)


def test_refusals_are_counted_beyond_the_end_of_their_stream(stream: OpenStream) -> None:
    streams = Streams(open={stream})
    ack(stream.protocol, offer(stream, "1"), error="no")
    streams.end(stream)
    streams.end(stream)
    assert (streams.nacked, streams.open) == (1, set())
