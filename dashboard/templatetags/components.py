"""The small parts of pages: one element each, in rows by the thousand."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

VERDICTS = {
    "allow": "allow",
    "deny": "deny",
    "conditional": "depends on the request",
    "default-allow": "allow by default",
    "default-deny": "deny by default",
    "unknown": "unknown",
}
TALLIED = ("critical", "warning", "passing", "maintenance", "unknown")  # the worst first
TAIL = 6  # characters of a long name that are never cut


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of parts/icons.svg, which stands in every page; for the eye only."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>', name)


@register.simple_tag
def verdict(value: str, label: str = "") -> SafeString:
    return format_html(
        '<span class="verdict" data-verdict="{}">{}</span>', value, label or VERDICTS[value]
    )


@register.simple_tag
def tally(**counts: int) -> SafeString:
    """How many of each status there are: `{% tally passing=3 critical=1 %}`."""
    badges = format_html_join(
        "",
        '<span class="badge" data-status="{0}" title="{1} {0}">{1}'
        '<span class="visually-hidden"> {0}</span></span>',
        [(status, counts[status]) for status in TALLIED if counts.get(status)],
    )
    return format_html('<span class="tally">{}</span>', badges)


@register.simple_tag
def identifier(value: str) -> SafeString:
    """A name or id that may be long: cut in its middle, copied whole."""
    return format_html(
        '<span class="name"><span class="mono" title="{0}"><span class="head">{1}</span>'
        '<span class="tail">{2}</span></span>{3}</span>',
        value,
        value[:-TAIL],
        value[-TAIL:],
        copy(value),
    )


@register.simple_tag
def copy(value: str) -> SafeString:
    return format_html(
        '<button type="button" class="copy" data-copy="{}" aria-label="Copy" title="Copy">'
        "{}</button>",
        value,
        icon("copy"),
    )
