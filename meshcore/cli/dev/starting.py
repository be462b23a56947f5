"""What `tulle dev` starts, in which order, and what it waits for in between."""

import asyncio
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import msgspec
from rich.console import Console

from meshcore.cli.dev import access, demo, following, postgres, redis, telling
from meshcore.cli.dev.children import Children, Program
from meshcore.cli.dev.load import Counted, load
from meshcore.cli.dev.ports import Wanted, require_free
from meshcore.client import bootstrap_token
from meshcore.configuration.open_doors import open_doors
from meshcore.configuration.types import Configuration
from meshcore.lib.errors import DeniedError, UnavailableError

READY_S = 60.0
PAGE_S = 60.0
USUAL_URL = "http://127.0.0.1:8500"
REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what to call in their place
TRY = (
    "{tulle} apply -f deploy/demo/deny-all.yaml",
    "curl -i {page}",
    "{tulle} apply -f deploy/demo/service-to-service.yaml",
    "{tulle} intention check frontend postgres",
)


class Dev(msgspec.Struct, frozen=True, kw_only=True):
    """One `tulle dev`."""

    configuration: Configuration
    given: frozenset[str]  # the settings that somebody has chosen
    data_dir: Path
    has_demo: bool
    has_load: bool = False
    console: Console
    children: Children

    @property
    def server_url(self) -> str:
        configuration = self.configuration
        return f"http://{reached_at(configuration.http_listen_addr, configuration.http_port)}"

    @property
    def grpc_address(self) -> str:
        return reached_at(self.configuration.grpc_listen_addr, self.configuration.grpc_port)


def reached_at(listening: str, port: int) -> str:
    host = REACHED_AT.get(listening, listening)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def start(dev: Dev, tasks: asyncio.TaskGroup) -> None:
    """Return when all runs; what follows the mesh goes on in `tasks`."""
    offset = demo.offset(os.environ)
    services = demo.services(offset=offset) if dev.has_demo else ()
    require_free([*server_ports(dev.configuration), *demo.ports(services, offset=offset)])
    env = {"TULLE_DATA_DIR": str(dev.data_dir)} | settings(dev)
    if not dev.configuration.redis_url:
        await dev.children.start(tasks, redis.program(dev.data_dir))
        await redis.ready(dev.data_dir)
        env["TULLE_REDIS_URL"] = redis.url(dev.data_dir)
    argv = (sys.executable, "-m", "meshcore.server")
    server = Program(name="server", argv=argv, env=env, grace_s=10, is_essential=True)
    await dev.children.start(tasks, server)
    await dev.children.start(tasks, worker(env))
    client = httpx.AsyncClient(base_url=dev.server_url, timeout=10, trust_env=False)
    if services:
        await start_demo(dev, tasks, services, client=client, offset=offset)
        return
    if await server_ready(dev, client):
        file = shown(dev.data_dir / bootstrap_token.NAME)
        dev.children.tell("server", f"the token that may do everything is in {file}")


def worker(env: Mapping[str, str]) -> Program:
    """It waits by itself until the server has made the tables."""
    argv = (sys.executable, "-m", "meshcore.worker", "--beat")
    return Program(name="worker", argv=argv, env=env, grace_s=10)


def settings(dev: Dev) -> dict[str, str]:
    """What the demo's server is told beyond what its operator says."""
    if not dev.has_demo:
        return {}
    unsaid = {name: value for name, value in demo.SETTINGS.items() if name not in dev.given}
    return {f"TULLE_{name.upper()}": value for name, value in unsaid.items()}


async def start_demo(
    dev: Dev,
    tasks: asyncio.TaskGroup,
    services: Sequence[demo.Service],
    *,
    client: httpx.AsyncClient,
    offset: int,
) -> None:
    tell = dev.children.tell
    where = postgres.place(dev.data_dir)
    seed = demo.seed()
    password, token = await asyncio.gather(
        postgres.make(where, seed=seed), server_ready(dev, client)
    )
    if settings(dev):
        tell("server", "calls that no intention denies are allowed, for the tutorial to begin with")
    await register(client, services)
    tell("server", f"registered {', '.join(service.name for service in services)}")
    tasks.create_task(following.intentions(client, tell=tell))
    database, *_ = services
    await dev.children.start(tasks, postgres.program(where, port=database.port))
    await dev.children.start(tasks, *demo.programs(services, password=password))
    await start_sidecars(dev, tasks, services, offset=offset, token=token)
    for index, service in enumerate(services):
        admin_url = f"http://127.0.0.1:{demo.admin_port(index, offset=offset)}"
        name = demo.sidecar_name(service)
        tasks.create_task(following.sidecar(client, name=name, admin_url=admin_url, tell=tell))
    page = demo.page_url(services)
    await page_settled(client, page)
    tulle = command(dev)
    commands = [line.format(tulle=tulle, page=page) for line in TRY]
    telling.welcome(
        dev.console,
        server_url=dev.server_url,
        token_file=shown(dev.data_dir / bootstrap_token.NAME) if token else "",
        page_url=page,
        commands=commands,
    )
    tasks.create_task(following.page(client, url=page, tell=tell))
    if dev.has_load:
        tasks.create_task(load(page, Counted(), tell=tell))


async def start_sidecars(
    dev: Dev,
    tasks: asyncio.TaskGroup,
    services: Sequence[demo.Service],
    *,
    offset: int,
    token: str,
) -> None:
    token_files = await asyncio.to_thread(
        access.sidecar_tokens,
        services,
        server_url=dev.server_url,
        token=token,
        data_dir=dev.data_dir,
    )
    if token_files:
        dev.children.tell("server", "each sidecar has a token for its own service alone")
    proxies = demo.proxies(
        services,
        offset=offset,
        http_addr=dev.server_url,
        grpc_addr=dev.grpc_address,
        token_files=token_files,
        data_dir=dev.data_dir,
    )
    await dev.children.start(tasks, *proxies)


def server_ports(configuration: Configuration) -> Iterator[Wanted]:
    yield Wanted(
        host=configuration.http_listen_addr,
        port=configuration.http_port,
        purpose="HTTP",
        way_out="set TULLE_HTTP_PORT to another one",
    )
    yield Wanted(
        host=configuration.grpc_listen_addr,
        port=configuration.grpc_port,
        purpose="xDS",
        way_out="set TULLE_GRPC_PORT to another one",
    )


def command(dev: Dev) -> str:
    """Return how this shell can call `tulle` for this server, also from a venv not activated."""
    beside = Path(sys.executable).with_name("tulle")
    installed = shutil.which("tulle")
    tulle = "tulle" if installed and Path(installed) == beside else os.path.relpath(beside)
    address = "" if dev.server_url == USUAL_URL else f"TULLE_HTTP_ADDR={dev.server_url} "
    is_usual_folder = dev.data_dir == Path(".tulle").absolute()
    folder = "" if is_usual_folder else f"TULLE_DATA_DIR={shlex.quote(str(dev.data_dir))} "
    return f"{folder}{address}{tulle}"


def shown(file: Path) -> str:
    """As it is called from here, when it is below."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


async def server_ready(dev: Dev, client: httpx.AsyncClient) -> str:
    """Return the token that the client asks with from now on; none where ACLs are off."""
    try:
        await following.until(lambda: following.answers(client, "/readyz"), within_s=READY_S)
    except TimeoutError:
        raise UnavailableError(
            f"the server was not ready within {READY_S:g} s; its log is in the data dir"
        ) from None
    tell = dev.children.tell
    tell("server", f"ready: {dev.server_url}")
    for warning in open_doors(dev.configuration):
        tell("server", warning)
    if not dev.configuration.acl_enabled:
        return ""
    token = access.own_token(os.environ, data_dir=dev.data_dir)
    client.headers["X-Consul-Token"] = token
    return token


async def register(client: httpx.AsyncClient, services: Sequence[demo.Service]) -> None:
    """Write protocols first, so that no proxy is ever told another one."""
    for entry in demo.config_entries():
        await put(client, "/v1/config", entry)
    for service in services:
        await put(client, "/v1/agent/service/register", demo.registration(service))


async def put(client: httpx.AsyncClient, path: str, content: object) -> None:
    answer = await client.put(path, content=msgspec.json.encode(content))
    if answer.status_code == httpx.codes.FORBIDDEN:
        raise DeniedError(
            f"the demo cannot be registered: {answer.text.strip()}\nThe server's first token is in"
            " another data dir, or was revoked: set TULLE_HTTP_TOKEN to one that may do everything"
        )
    if not answer.is_success:
        raise UnavailableError(f"PUT {path}: {answer.status_code} {answer.text.strip()}")


async def page_settled(client: httpx.AsyncClient, page: str) -> None:
    """Wait for the coffees; where intentions of a former run forbid them, for no longer."""
    intentions = (await client.get("/v1/connect/intentions")).json()
    deadline_s = PAGE_S / 4 if intentions else PAGE_S
    try:
        await following.until(lambda: following.page_works(client, page), within_s=deadline_s)
    except TimeoutError:  # told by whoever follows the page
        return
