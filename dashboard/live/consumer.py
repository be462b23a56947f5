"""`/ui/live`: one websocket for each tab."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from django.http import parse_cookie

from dashboard import browser
from dashboard.context import provided
from dashboard.live import messages, tab
from dashboard.live.tab import Tab
from meshcore.store.browser_logins import LoginEndedError
from meshcore.store.callers import Caller

FRAMES = "tulle.frames"  # an extension of ASGI: meshcore/sockets.py
OFTEN = 50  # pages that a tab may ask for in OFTEN_S; nobody clicks as fast
OFTEN_S = 10.0


class Live(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels ships no types
    async def connect(self) -> None:
        """Refuse pages from elsewhere in the handshake: a browser sends them our cookies too."""
        self.context = provided()
        self.headers = {name: value.decode("latin-1") for name, value in self.scope["headers"]}
        origin = self.headers.get(b"origin", "")
        host = self.headers.get(b"host", "")
        frames = self.scope.get("extensions", {}).get(FRAMES)
        self.tab = Tab(frames["write"]) if frames else Tab()
        self.caller: Caller | None = None
        self.watched: messages.Watch | None = None
        self.asked_at: deque[float] = deque(maxlen=OFTEN)
        self.expiry: asyncio.TimerHandle | None = None
        self.sending: asyncio.Task[None] | None = None
        self.subscription = self.context.store.subscribe((), lambda *_: self.look())
        if not self.context.hosts.is_origin(origin, host_header=host):
            await self.close()
            return
        await self.accept()
        self.sending = asyncio.create_task(self.send_all())
        self.look()

    def look(self) -> None:
        """Who is this by now? Called whenever the token, or what it may do, has changed."""
        context, store = self.context, self.context.store
        cookie = parse_cookie(self.headers.get(b"cookie", "")).get(browser.COOKIE, "")
        mesh = None
        try:
            while mesh is not store.mesh:  # watch first and look then
                mesh = store.mesh
                caller = browser.caller(context, cookie, mesh=mesh)
                self.subscription.watch(context.callers.watch_keys(caller))
        except LoginEndedError as error:
            self.end(str(error))
            return
        before, self.caller = self.caller, caller
        self.ends_later(context.callers.remaining_s(caller))
        has_moved = before is not None and before.authorizer is not caller.authorizer
        if has_moved and self.watched is not None:
            # Its version is of what it was shown before, which may be more than it may see now.
            self.follow(caller, msgspec.structs.replace(self.watched, version=""))

    def ends_later(self, remaining_s: float) -> None:
        if self.expiry is not None:
            self.expiry.cancel()
        if remaining_s < float("inf"):
            self.expiry = asyncio.get_running_loop().call_later(remaining_s, self.look)

    def end(self, reason: str) -> None:
        self.caller = None
        self.context.hub.leave(self.tab)
        self.tab.send(messages.encoded(messages.End(reason)))
        self.tab.close(tab.LOGIN_ENDED, "the login has ended")

    async def send_all(self) -> None:
        async def write(text: str) -> None:
            await self.base_send({"type": "websocket.send", "text": text})

        with suppress(OSError):  # the browser has gone while something was on its way to it
            ended = await self.tab.run(write)
            await self.close(code=ended.code, reason=ended.reason)

    async def receive(self, text_data: str | None = None, bytes_data: Any = None) -> None:  # noqa: ANN401
        if self.caller is None:
            return
        now = asyncio.get_running_loop().time()
        if len(self.asked_at) == OFTEN and now - self.asked_at[0] < OFTEN_S:
            self.tab.close(tab.TOO_OFTEN, "this tab asks for too many pages")
            return
        self.asked_at.append(now)
        try:
            self.watched = messages.WATCHES.decode(text_data or "")
        except msgspec.DecodeError:
            self.tab.close(tab.NOT_UNDERSTOOD, "say which page to watch")
            return
        self.follow(self.caller, self.watched)

    def follow(self, caller: Caller, watched: messages.Watch) -> None:
        self.context.hub.watch(
            self.tab,
            watched.watch,
            caller=caller,
            version=watched.version,
            traffic=watched.traffic,
        )

    async def disconnect(self, code: int) -> None:
        self.context.hub.leave(self.tab)
        self.subscription.close()
        if self.expiry is not None:
            self.expiry.cancel()
        if self.sending is not None:
            self.sending.cancel()
