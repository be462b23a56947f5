"""Whether a request is one that a permission speaks of, as Envoy decides it."""

from collections.abc import Iterable, Iterator

import msgspec

from meshcore.intentions.paths import without_query
from meshcore.intentions.regexes import compiled
from meshcore.intentions.types import HeaderMatch, Request, RequestMatch


class Unmet(msgspec.Struct, frozen=True):
    """A condition that a call does not meet, by the field that is to be another one."""

    field: str
    why: str


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers as Envoy compares them: lower-case names, several values with a comma.

    So `x-role: guest` sent twice is the one value `guest,guest`, which is not exactly `guest`.
    """
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value.strip(" \t"))
    return {name: ",".join(each) for name, each in values.items()}


def unmet(match: RequestMatch, request: Request) -> str:
    """Say which condition the request does not meet, or nothing when it meets them all.

    The request's path is taken to be normalized.
    """
    return next((each.why for each in unmet_conditions(match, request)), "")


def unmet_conditions(match: RequestMatch, request: Request) -> Iterator[Unmet]:
    path = without_query(request.path)
    if match.path_exact is not None and path != match.path_exact:
        yield Unmet("path", f"the path is {path}, not {match.path_exact}")
    if match.path_prefix is not None and not path.startswith(match.path_prefix):
        yield Unmet("path", f"the path {path} does not begin with {match.path_prefix}")
    if match.path_regex is not None and not compiled(match.path_regex).fullmatch(path):
        yield Unmet("path", f"the path {path} does not match {match.path_regex}")
    if match.methods and request.method not in match.methods:
        yield Unmet("method", f"the method is {request.method}, not {' or '.join(match.methods)}")
    for header in match.headers:
        if not meets_header(header, header_value(request, header.name)):
            yield Unmet("header", f"the header {header.name} is not as wanted")


def header_value(request: Request, name: str) -> str | None:
    """Look up by Envoy's names: the request line has headers of its own, Host is :authority."""
    lower = name.lower()
    if lower == ":path":
        return request.path
    if lower == ":method":
        return request.method
    if lower in ("host", ":authority"):
        return request.headers.get(":authority", request.headers.get("host"))
    return request.headers.get(lower)


def meets_header(match: HeaderMatch, value: str | None) -> bool:
    """Without the header only an inverted `present` holds: an inverted value wants a value."""
    if match.present:
        return (value is not None) is not match.is_inverted
    if value is None:
        return False
    return holds(match, value) is not match.is_inverted


def holds(match: HeaderMatch, value: str) -> bool:
    if match.regex is not None:  # ignore_case is not for these; (?i) is
        return compiled(match.regex).fullmatch(value) is not None
    fold = ascii_lower if match.ignore_case else str
    text = fold(value)
    if match.exact is not None:
        return text == fold(match.exact)
    if match.prefix is not None:
        return text.startswith(fold(match.prefix))
    if match.suffix is not None:
        return text.endswith(fold(match.suffix))
    return match.contains is not None and fold(match.contains) in text


def ascii_lower(text: str) -> str:
    return text.encode().lower().decode()
