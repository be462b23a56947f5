"""What `tulle dev` says on the terminal: event lines, and what to try first."""

from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from meshcore.cli.dev.children import Tell

BAD = (
    "ACLs ARE OFF",
    "THE DEFAULT POLICY IS ALLOW",
    "Error :(",
    "deny",
    "ended",
    "not ready",
    "does not",
)
GOOD = ("works", "allow", "is ready")


def to(console: Console) -> Tell:
    """Return what prints one event: when, of whom, what."""

    def tell(who: str, what: str) -> None:
        now = datetime.now().astimezone().strftime("%H:%M:%S")
        line = Text.assemble((now, "dim"), "  ", (f"{who:<20}", "bold"), " ", (what, style(what)))
        console.print(line, soft_wrap=True)

    return tell


def style(what: str) -> str:
    if any(word in what for word in BAD):
        return "red"
    return "green" if any(word in what for word in GOOD) else ""


def welcome(
    console: Console, *, server_url: str, token_file: str, page_url: str, commands: Iterable[str]
) -> None:
    token = Text.assemble("Token       ", (token_file, "bold cyan"), " (may do everything)")
    lines = [
        Text.assemble("HashiCups   ", (page_url, "bold cyan")),
        Text.assemble("Consul API  ", (f"{server_url}/v1/", "bold cyan")),
        *([token] if token_file else []),
        Text(""),
        Text("Try in another terminal, and watch the page:", style="dim"),
        *(Text(f"  {command}", style="green") for command in commands),
        Text(""),
        Text("Ctrl-C stops everything.", style="dim"),
    ]
    console.print(Panel(Text("\n").join(lines), expand=False, border_style="cyan"))
