"""Websockets that take frames as they are.

ASGI has one message for a thousand tabs encoded and framed a thousand times, each in a task of its
own that is woken for it. A frame of a server is the same for whoever reads it, so it is made once
and written at once. Who finds no `tulle.frames` in the scope sends as ASGI says.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "tulle.frames"


class FrameSocket(WebSocketsSansIOProtocol):
    async def run_asgi(self) -> None:
        extensions = self.scope["extensions"]
        assert extensions is not None, "the protocol has some of its own"
        extensions[EXTENSION] = {"write": self.write_frame}
        await super().run_asgi()

    def write_frame(self, frame: bytes) -> bool:
        """Return whether it was taken: not while a handshake, a close or a slow reader is about."""
        if not self.handshake_complete or self.close_sent or self.disconnected:
            return False
        if not self.writable.is_set():
            return False
        self.transport.write(frame)
        return True
