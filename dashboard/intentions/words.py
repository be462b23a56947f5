"""Intentions and their permissions in words, as every page says them."""

from collections.abc import Iterator

from meshcore.intentions.types import (
    WILDCARD,
    HeaderMatch,
    Intention,
    Permission,
    RequestMatch,
)

ANYBODY = "any service"


def service(name: str) -> str:
    return ANYBODY if name == WILDCARD else name


def summary(intention: Intention) -> str:
    """`allow`, `deny`, or the permissions in their order: `allow GET /v1…, deny /admin`."""
    if intention.action is not None:
        return intention.action
    return ", ".join(permission(each) for each in intention.permissions)


def permission(said: Permission) -> str:
    return " ".join((said.action, *conditions(said.http or RequestMatch())))


def conditions(match: RequestMatch) -> Iterator[str]:
    if match.methods:
        yield " or ".join(match.methods)
    if match.path_exact is not None:
        yield match.path_exact
    if match.path_prefix is not None:
        yield f"{match.path_prefix}…"
    if match.path_regex is not None:
        yield f"paths like {match.path_regex}"
    if match.headers:
        yield "with " + " and ".join(header(each) for each in match.headers)


def header(match: HeaderMatch) -> str:
    """`x-role = admin`, `x-debug absent`, `x-role not beginning with a`."""
    if match.present:
        return f"{match.name} {'absent' if match.is_inverted else 'present'}"
    if match.exact is not None:
        said = f"{match.name} {'≠' if match.is_inverted else '='} {match.exact}"
    else:
        how, value = next(compared(match))
        said = f"{match.name} {'not ' if match.is_inverted else ''}{how} {value}"
    return f"{said} in any case" if match.ignore_case else said


def compared(match: HeaderMatch) -> Iterator[tuple[str, str]]:
    for how, value in (
        ("beginning with", match.prefix),
        ("ending with", match.suffix),
        ("containing", match.contains),
        ("like", match.regex),
    ):
        if value is not None:
            yield how, value
