"""The streams that are open, and what has become of others."""

import asyncio
from datetime import datetime

import msgspec

from meshcore.registry.types import InstanceKey
from meshcore.xds.stream import DeltaStream


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
    sent_at: dict[str, datetime] = msgspec.field(default_factory=dict)  # by type, the last time
    writing_since: float | None = None  # by the event loop's clock
    cut: "asyncio.Future[None]"  # done when it is to end because its proxy does not read


class Streams(msgspec.Struct):
    open: set[OpenStream] = msgspec.field(default_factory=set)
    cut: int = 0  # streams ended because their proxy did not read what it was sent
    nacked: int = 0  # by streams that have ended

    def end(self, stream: OpenStream) -> None:
        if stream in self.open:
            self.open.discard(stream)
            self.nacked += stream.protocol.nacked

    def cut_stuck(self, *, before: float) -> None:
        """End those that have been writing since before then."""
        for stream in self.open:
            since = stream.writing_since
            if since is not None and since < before and not stream.cut.done():
                stream.cut.set_result(None)
