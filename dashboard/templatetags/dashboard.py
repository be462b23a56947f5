"""`{% load dashboard %}`: what the pages' templates are written with."""

import json
import re
from datetime import datetime
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboard import assets, numbers, rendering, routes

register = template.Library()

UNKNOWN = "\N{EN DASH}"
NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9_-]")


class LiveNode(template.Node):
    def __init__(self, key: FilterExpression, nodelist: NodeList) -> None:
        self.key = key
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        key = str(self.key.resolve(context))
        blocks = context["live_blocks"]
        mark = rendering.marked(blocks, key, lambda: self.nodelist.render(context).strip())
        return mark_safe(mark)  # noqa: S308 a mark is ours, and its key was looked at


@register.tag
def live(parser: Parser, token: Token) -> LiveNode:
    """Mark one element, whose id is the key, as what changes while the page is open."""
    words = token.split_contents()
    if len(words) != 2:
        raise template.TemplateSyntaxError("live takes one argument: the id of its element")
    nodelist = parser.parse(("endlive",))
    parser.delete_first_token()
    return LiveNode(parser.compile_filter(words[1]), nodelist)


@register.filter
def as_id(value: str) -> str:
    """Any name as part of an element's id; different names stay different."""
    return NOT_IN_AN_ID.sub(lambda found: f".{ord(found[0]):x}.", value)


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """An element that the browser's script turns into `3 min ago`."""
    if value is None:
        return "never"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        value.strftime("%Y-%m-%d %H:%M:%S UTC"),
        value.strftime("%Y-%m-%d %H:%M UTC"),
    )


@register.filter
def as_json(value: object) -> str:
    """As it stands in a document."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def figures(value: float) -> str:
    return numbers.figures(value)


@register.filter
def per_second(value: float | None) -> str:
    return UNKNOWN if value is None else f"{numbers.figures(numbers.rounded(value))}/s"


@register.filter
def percent(ratio: float | None) -> str:
    return UNKNOWN if ratio is None else f"{numbers.figures(numbers.rounded(ratio * 100))} %"


@register.filter
def duration(milliseconds: float | None) -> str:
    if milliseconds is None:
        return UNKNOWN
    if milliseconds >= 1_000:
        return f"{numbers.figures(numbers.rounded(milliseconds / 1_000))} s"
    return f"{numbers.figures(numbers.rounded(milliseconds))} ms"


@register.filter
def counted(value: int, nouns: str) -> str:
    """`{{ 2|counted:"service,services" }}` is `2 services`."""
    one, many = nouns.split(",")
    return f"{numbers.figures(value)} {one if value == 1 else many}"


@register.inclusion_tag("dashboard/parts/status.html")
def status(value: str, label: str = "") -> dict[str, str]:
    return {"status": value, "label": label or value}


@register.simple_tag
def path(page: str, **arguments: str) -> str:
    """The path of a page: `{% path "service" name=row.name %}`."""
    return routes.path_of(page, **arguments)


@register.simple_tag
def asset(name: str) -> str:
    """The URL of a bundled file, with its version."""
    return assets.url(name)


@register.inclusion_tag("dashboard/parts/command.html")
def command(line: str) -> dict[str, Any]:
    """A command line with a button that copies it."""
    return {"line": line}
