"""The demo's definitions, and its programs against a real PostgreSQL without sidecars."""

import asyncio
import os
import shutil
import socket
import stat
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import httpx
import msgspec
import pytest

from meshcore.cli.dev import demo, following, postgres, redis
from meshcore.cli.dev.children import Children

PATIENCE_S = 20


def test_no_port_is_used_twice_and_an_offset_moves_all() -> None:
    usual = [wanted.port for wanted in demo.ports(demo.services(offset=0), offset=0)]
    moved = [wanted.port for wanted in demo.ports(demo.services(offset=100), offset=100)]
    assert len(set(usual)) == len(usual)
    assert moved == [port + 100 for port in usual]


def test_a_registration_speaks_the_api_s_names() -> None:
    database, product, *_ = demo.services(offset=0)
    assert demo.registration(product) == {
        "ID": "product-api",
        "Name": "product-api",
        "Address": "127.0.0.1",
        "Port": product.port,
        "Connect": {
            "SidecarService": {
                "Port": product.connect.sidecar_service.port,
                "Proxy": {
                    "Upstreams": [
                        {
                            "DestinationName": database.name,
                            "LocalBindAddress": "127.0.0.1",
                            "LocalBindPort": product.upstreams[0].local_bind_port,
                        }
                    ]
                },
            }
        },
    }


def without_sidecars() -> tuple[demo.Service, ...]:
    """Return the services on free ports, each upstream being the other service itself."""
    services = demo.services(offset=0)
    ports = {service.name: free_port() for service in services}
    replace = msgspec.structs.replace

    def direct(service: demo.Service) -> demo.Service:
        upstreams = tuple(
            replace(upstream, local_bind_port=ports[upstream.destination_name])
            for upstream in service.upstreams
        )
        sidecar = demo.Sidecar(port=1, proxy=demo.Proxy(upstreams=upstreams))
        connect = demo.Connect(sidecar_service=sidecar)
        return replace(service, port=ports[service.name], connect=connect)

    return tuple(direct(service) for service in services)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


Look = Callable[[httpx.AsyncClient, str, Children], Awaitable[None]]


async def run_demo(data_dir: Path, services: Sequence[demo.Service], look: Look) -> None:
    children = Children(log_dir=data_dir, tell=lambda _who, _what: None)
    where = postgres.place(data_dir)
    password = await postgres.make(where, seed=demo.seed())
    try:
        async with (
            asyncio.timeout(PATIENCE_S),
            asyncio.TaskGroup() as tasks,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            await children.start(tasks, postgres.program(where, port=services[0].port))
            await children.start(tasks, *demo.programs(services, password=password))
            await look(client, demo.page_url(services), children)
            await children.stop()
    finally:
        await children.stop()


async def until_error(client: httpx.AsyncClient, page: str) -> str:
    """Ask until the orphaned backend has seen that its server is gone."""
    while (answer := await client.get(page)).status_code == 200:
        pass
    assert answer.status_code == 502
    return answer.text


def works(client: httpx.AsyncClient, page: str) -> Callable[[], Awaitable[bool]]:
    return lambda: following.page_works(client, page)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """Yield a data dir; what root puts elsewhere, since pytest's folders are private, goes too."""
    yield tmp_path
    shutil.rmtree(postgres.place(tmp_path).home)


def test_the_page_follows_the_database_and_a_second_start_uses_its_data(data_dir: Path) -> None:
    async def cut(client: httpx.AsyncClient, page: str, children: Children) -> None:
        await following.until(works(client, page), within_s=PATIENCE_S)
        shown = (await client.get(page)).text
        assert "Nomadicano" in shown
        assert "$1.50" in shown
        assert "Hot water" in shown
        assert "Error :(" not in shown
        database = children.stages[0][0].process
        database.kill()
        failed = await until_error(client, page)
        assert "Error :(" in failed
        assert "product-api cannot reach postgres" in failed
        await following.until(works(client, page), within_s=PATIENCE_S)

    async def again(client: httpx.AsyncClient, page: str, _children: Children) -> None:
        await following.until(works(client, page), within_s=PATIENCE_S)

    services = without_sidecars()
    asyncio.run(run_demo(data_dir, services, cut))
    where = postgres.place(data_dir)
    version = (where.data / "PG_VERSION").stat().st_ino
    secret = (where.home / "password").stat()
    # What a container that was ended hard leaves behind: the number is now another process's.
    stale = where.data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{where.data}\n")
    asyncio.run(run_demo(data_dir, services, again))
    assert (where.data / "PG_VERSION").stat().st_ino == version
    assert stat.S_IMODE(secret.st_mode) == 0o600


def test_redis_answers_on_a_socket_that_only_we_may_open(tmp_path: Path) -> None:
    # Longer than a Unix socket's path may be: it moves to the folder for temporary files.
    deep = tmp_path / ("d" * 100)

    async def started(data_dir: Path) -> int:
        children = Children(log_dir=tmp_path, tell=lambda _who, _what: None)
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
            await children.start(tasks, redis.program(data_dir))
            await redis.ready(data_dir)
            mode = redis.socket_path(data_dir).stat().st_mode
            await children.stop()
        return stat.S_IMODE(mode)

    assert [asyncio.run(started(folder)) for folder in (tmp_path, deep)] == [0o600, 0o600]
