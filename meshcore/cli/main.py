"""`tulle`: the command line. It talks HTTP to a server and never imports Django."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from meshcore.cli import ca, config, intention, registry, server
from meshcore.cli.apply import command as apply
from meshcore.cli.connection import HttpAddr, TokenFile
from meshcore.cli.output import console, fail
from meshcore.cli.proxy import run as proxy
from meshcore.client.http import from_environment
from meshcore.lib.errors import InvalidError, MeshError

INTERRUPTED = 130  # 128 + SIGINT, as shells count

app = typer.Typer(
    help="Tulle, a service mesh that you can see through.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
registry.add_to(app)
apply.add_to(app)
server.add_to(app)
proxy.add_to(app)
app.add_typer(intention.app, name="intention")
app.add_typer(config.app, name="config")
app.add_typer(ca.app, name="ca")


def _print_version(is_asked: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if is_asked:
        console.print(f"Tulle {version('tulle')}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    http_addr: HttpAddr = None,
    token_file: TokenFile = None,
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    token = Path(token_file).read_text().strip() if token_file else None
    context.ensure_object(dict)["client"] = from_environment(address=http_addr, token=token)


def main() -> None:
    """Exit with 1 when the server refuses, with 2 when what was typed or read is wrong."""
    try:
        app()
    except InvalidError as error:
        raise SystemExit(fail(str(error), exit_code=2).exit_code) from None
    except MeshError as error:
        raise SystemExit(fail(str(error)).exit_code) from None
    except OSError as error:
        raise SystemExit(fail(str(error), exit_code=2).exit_code) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    main()
