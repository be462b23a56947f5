"""As whom `tulle dev` asks its server, and as whom each of the demo's sidecars does."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from meshcore.cli.dev.demo import Service
from meshcore.cli.proxy.tokens import kept_or_made
from meshcore.client import bootstrap_token
from meshcore.client.address import address
from meshcore.client.http import DEFAULT_PORT, Client
from meshcore.sidecars.files import token_file

TOKEN_VARIABLES = ("TULLE_HTTP_TOKEN", "CONSUL_HTTP_TOKEN")


def own_token(environ: Mapping[str, str], *, data_dir: Path) -> str:
    """The one that the shell names, else the first one, which the server leaves in the data dir."""
    named = next((environ[name] for name in TOKEN_VARIABLES if environ.get(name)), "")
    return named or bootstrap_token.kept_in(data_dir / bootstrap_token.NAME)


def sidecar_tokens(
    services: Iterable[Service], *, server_url: str, token: str, data_dir: Path
) -> dict[str, Path]:
    """A file for each service, with a token for it alone; none where ACLs are off.

    A second run finds its tokens there, so that they do not pile up.
    """
    client = Client(address(server_url, default_port=DEFAULT_PORT), token=token)
    files = {s.name: token_file(f"{s.id}-sidecar-proxy", data_dir=data_dir) for s in services}
    return {
        name: file for name, file in files.items() if kept_or_made(client, service=name, file=file)
    }
