"""Which proxies are connected, for people to look at."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

import msgspec

from meshcore.registry.types import InstanceKey
from meshcore.xds.stream import DeltaStream, Nack


class ConnectedProxy(msgspec.Struct, frozen=True, kw_only=True):
    """One stream at the moment of looking; `proxy` is None while it waits for its registration."""

    proxy_id: str
    proxy: InstanceKey | None
    peer: str
    since: datetime
    accessor: str
    envoy_version: str
    pushes: int
    versions: dict[str, dict[str, str]]
    nacks: tuple[Nack, ...]


class OpenStream(msgspec.Struct, kw_only=True, eq=False):
    """What a stream has come to, kept by its session."""

    proxy_id: str
    peer: str
    since: datetime
    protocol: DeltaStream
    envoy_version: str = ""
    proxy: InstanceKey | None = None
    accessor: str = ""
    pushes: int = 0
    writing_since: float | None = None  # by the event loop's clock
    cut: "asyncio.Future[None]"  # done when it is to end because its proxy does not read


class Streams(msgspec.Struct):
    open: set[OpenStream] = msgspec.field(default_factory=set)
    cut: int = 0  # streams ended because their proxy did not read what it was sent

    def cut_stuck(self, *, before: float) -> None:
        """End those that have been writing since before then."""
        for stream in self.open:
            since = stream.writing_since
            if since is not None and since < before and not stream.cut.done():
                stream.cut.set_result(None)

    def connected(self) -> Iterator[ConnectedProxy]:
        for stream in sorted(self.open, key=lambda s: (s.proxy_id, s.since)):
            yield ConnectedProxy(
                proxy_id=stream.proxy_id,
                proxy=stream.proxy,
                peer=stream.peer,
                since=stream.since,
                accessor=stream.accessor,
                envoy_version=stream.envoy_version,
                pushes=stream.pushes,
                versions=stream.protocol.versions(),
                nacks=tuple(stream.protocol.nacks),
            )
