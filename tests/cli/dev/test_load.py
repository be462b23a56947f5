"""The demo's traffic."""

import asyncio
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from meshcore.cli.dev.load import Counted, load, summary


def test_what_was_asked_is_told_and_what_was_not_only_when_there_is_some() -> None:
    assert summary(Counted(asked=1200, failed=3)) == "1,200 pages asked, 3 of them failed"
    assert summary(Counted(asked=5, failed=0, skipped=2)) == (
        "5 pages asked, 0 of them failed; 2 not asked, it is too slow"
    )


def test_the_page_is_asked_until_it_is_told_to_stop() -> None:
    asked = asyncio.run(asked_of_a_page(least=5))
    assert asked >= 5


async def asked_of_a_page(*, least: int) -> int:
    paths: list[str] = []
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()
            if len(paths) >= least:
                loop.call_soon_threadsafe(enough.set)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    loading = asyncio.create_task(
        load(url, Counted(), tell=lambda _who, _what: None, pages_a_second=200)
    )
    await enough.wait()
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    await asyncio.to_thread(server.shutdown)
    server.server_close()
    return len(paths)
