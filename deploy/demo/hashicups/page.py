"""The page, drawn on the server: one shell, and in it the menu or the error."""

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

CHAIN = ("frontend", "public-api", "product-api", "postgres")
SHELL = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
CARD = Template(Path(__file__).with_name("card.html").read_text(encoding="utf-8"))


def coffees(menu: Iterable[Mapping[str, Any]]) -> str:
    cards = "\n".join(card(coffee) for coffee in menu)
    return SHELL.substitute(main=f'{chain(None)}\n<section class="menu">\n{cards}\n</section>')


def card(coffee: Mapping[str, Any]) -> str:
    ingredients = "".join(
        f"<li>{escape(part['name'])} <small>{part['quantity']} {escape(part['unit'])}</small></li>"
        for part in coffee["ingredients"]
    )
    return CARD.substitute(
        name=escape(coffee["name"]),
        teaser=escape(coffee["teaser"]),
        price=f"${coffee['price_cents'] / 100:.2f}",
        tint=escape(coffee["tint"]),
        ingredients=ingredients,
    )


def error(*, source: str, destination: str, reason: str) -> str:
    return SHELL.substitute(
        main=f"""{chain(destination)}
<section class="error" role="alert">
<h2>Error :(</h2>
<p>{escape(source)} cannot reach {escape(destination)}: <q>{escape(reason)}</q></p>
</section>"""
    )


def chain(broken: str | None) -> str:
    """Draw who calls whom, with a cross before the service that could not be reached."""
    steps = [f"<li>{CHAIN[0]}</li>"]
    reached = True
    for service in CHAIN[1:]:
        reached = reached and service != broken
        state = "cut" if service == broken else "up" if reached else "unknown"
        steps.append(f'<li class="{state}">{service}</li>')
    return f'<ol class="chain" aria-label="Who calls whom">{"".join(steps)}</ol>'
