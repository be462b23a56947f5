"""The demo's four services: what is registered, and what runs behind each sidecar.

The ports stand in `deploy/demo/services/*.json` alone; programs are told theirs from there.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from meshcore.cli.dev import postgres
from meshcore.cli.dev.children import Program
from meshcore.cli.dev.ports import Wanted
from meshcore.lib.errors import InvalidError, UnavailableError

SHIPPED = Path(__file__).parent / "shipped" / "demo"  # where a wheel has it
FOLDER = SHIPPED if SHIPPED.is_dir() else Path(__file__).parents[3] / "deploy" / "demo"
OFFSET_VARIABLE = "TULLE_DEMO_PORT_OFFSET"
ADMIN_PORT = 19000
SETTINGS = {"default_intention_policy": "allow"}  # so the tutorial begins, unless told otherwise
NAMES = ("postgres", "product-api", "public-api", "frontend")  # each needs the ones before


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    destination_name: str
    local_bind_address: str
    local_bind_port: int


class Proxy(msgspec.Struct, frozen=True, kw_only=True):
    upstreams: tuple[Upstream, ...] = ()


class Sidecar(msgspec.Struct, frozen=True, kw_only=True):
    port: int
    proxy: Proxy = Proxy()


class Connect(msgspec.Struct, frozen=True, kw_only=True):
    sidecar_service: Sidecar


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One service definition, as far as the demo's own files go."""

    id: str
    name: str
    address: str
    port: int
    connect: Connect

    @property
    def upstreams(self) -> tuple[Upstream, ...]:
        return self.connect.sidecar_service.proxy.upstreams

    @property
    def listen_address(self) -> str:
        return f"{self.address}:{self.port}"


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    service: Service


def offset(environ: Mapping[str, str]) -> int:
    written = environ.get(OFFSET_VARIABLE) or "0"
    try:
        return int(written)
    except ValueError:
        raise InvalidError(f"{OFFSET_VARIABLE}: {written!r} is not a whole number") from None


def services(*, offset: int) -> tuple[Service, ...]:
    if not FOLDER.is_dir():
        raise UnavailableError(f"the demo was not installed along: there is no folder {FOLDER}")
    read = (FOLDER / "services" / f"{name}.json" for name in NAMES)
    return tuple(
        moved(msgspec.json.decode(file.read_bytes(), type=Definition).service, offset=offset)
        for file in read
    )


def moved(service: Service, *, offset: int) -> Service:
    """Return the service with all its ports moved, for a machine where the usual ones are taken."""
    replace = msgspec.structs.replace
    upstreams = tuple(
        replace(upstream, local_bind_port=upstream.local_bind_port + offset)
        for upstream in service.upstreams
    )
    port = service.connect.sidecar_service.port + offset
    sidecar = Sidecar(port=port, proxy=Proxy(upstreams=upstreams))
    return replace(service, port=service.port + offset, connect=Connect(sidecar_service=sidecar))


def registration(service: Service) -> object:
    """Return the body of /v1/agent/service/register, by the API's own names."""
    sidecar = service.connect.sidecar_service
    upstreams = [
        {
            "DestinationName": upstream.destination_name,
            "LocalBindAddress": upstream.local_bind_address,
            "LocalBindPort": upstream.local_bind_port,
        }
        for upstream in service.upstreams
    ]
    return {
        "ID": service.id,
        "Name": service.name,
        "Address": service.address,
        "Port": service.port,
        "Connect": {"SidecarService": {"Port": sidecar.port, "Proxy": {"Upstreams": upstreams}}},
    }


def seed() -> str:
    return (FOLDER / "hashicups" / "seed.sql").read_text(encoding="utf-8")


def config_entries() -> Iterator[object]:
    for name in NAMES:
        yield msgspec.json.decode((FOLDER / "config" / f"{name}.json").read_bytes())


def ports(mesh: Iterable[Service], *, offset: int) -> Iterator[Wanted]:
    way_out = f"set {OFFSET_VARIABLE}=100, which moves all ports of the demo by 100"
    for index, service in enumerate(mesh):
        needed = {
            service.name: service.port,
            f"{service.name}'s sidecar": service.connect.sidecar_service.port,
            f"the admin of {service.name}'s Envoy": admin_port(index, offset=offset),
        }
        for upstream in service.upstreams:
            purpose = f"{service.name}'s calls to {upstream.destination_name}"
            needed[purpose] = upstream.local_bind_port
        for purpose, port in needed.items():
            yield Wanted(host="127.0.0.1", port=port, purpose=purpose, way_out=way_out)


def admin_port(index: int, *, offset: int) -> int:
    return ADMIN_PORT + index + offset


def programs(mesh: Iterable[Service], *, password: str) -> Iterator[Program]:
    """Yield the three apps; each knows its own sidecar's listener, and nobody else's address."""
    by_name = {service.name: service for service in mesh}
    frontend, public, product = (by_name[name] for name in reversed(NAMES[1:]))
    database = postgres.conninfo(
        host=product.upstreams[0].local_bind_address,
        port=product.upstreams[0].local_bind_port,
        password=password,
    )
    yield app(product, "product_api.py", {"DB_CONNECTION": database})
    yield app(public, "public_api.py", {"PRODUCT_API_URI": upstream_url(public)})
    yield app(frontend, "frontend.py", {"PUBLIC_API_URL": upstream_url(frontend)})


def upstream_url(service: Service) -> str:
    (upstream,) = service.upstreams
    return f"http://{upstream.local_bind_address}:{upstream.local_bind_port}"


def app(service: Service, file: str, env: Mapping[str, str]) -> Program:
    return Program(
        name=service.name,
        argv=(sys.executable, str(FOLDER / "hashicups" / file)),
        env={"LISTEN_ADDRESS": service.listen_address, **env},
        grace_s=3,
    )


def proxies(
    mesh: Iterable[Service],
    *,
    offset: int,
    http_addr: str,
    grpc_addr: str,
    token_files: Mapping[str, Path],
    data_dir: Path,
) -> Iterator[Program]:
    for index, service in enumerate(mesh):
        token_file = token_files.get(service.name)
        yield Program(
            name=sidecar_name(service),
            argv=(
                *(sys.executable, "-m", "meshcore.cli.main", "proxy"),
                *("--sidecar-for", service.id),
                # A sidecar's own token may not ask the server where it serves xDS.
                *("--grpc-addr", grpc_addr),
                *("--admin-bind", f"127.0.0.1:{admin_port(index, offset=offset)}"),
                *(("--token-file", str(token_file)) if token_file else ()),
            ),
            env={"TULLE_HTTP_ADDR": http_addr, "TULLE_DATA_DIR": str(data_dir)},
        )


def sidecar_name(service: Service) -> str:
    return f"{service.name}-sidecar"


def page_url(mesh: Iterable[Service]) -> str:
    *_, frontend = mesh
    return f"http://{frontend.listen_address}/"
