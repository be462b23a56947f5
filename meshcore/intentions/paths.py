"""A request's path as Envoy's filters see it, after the normalization that our listeners ask for.

The listener has `normalize_path`, `merge_slashes` and `path_with_escaped_slashes_action:
REJECT_REQUEST`; the steps below are those of Envoy 1.40, in its order, found out by asking it:

    /%61dmin          /admin        escapes that no path needs are taken out
    /a/%2e%2e/admin   /admin        dot segments go, escaped ones too
    /a/..;x/admin     /admin        and with parameters, when the dots are not escaped
    /a\\admin          /a/admin      a backslash is a slash
    //admin           /admin        slashes are merged last
    /a%2fadmin        refused       one server's name is the next one's directory
    /a#admin, /a%00   refused
"""

import re

from meshcore.lib.errors import InvalidError

UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
ESCAPE = re.compile("%([0-9A-Fa-f]{2})?")
LONE_PERCENT = "\0"  # stands for it while escapes are taken out; no path has this character
MADE_ESCAPE = re.compile(f"{LONE_PERCENT}(?=[0-9A-Fa-f]{{2}})")
ESCAPED_SLASH = re.compile("%(2f|5c)", re.IGNORECASE)
NEEDS_ESCAPE = re.compile('["<>^`{|}]')
UNPRINTABLE = re.compile("[^!-~]")
ABSOLUTE = re.compile("https?://[^/?#]*", re.IGNORECASE)


def normalized(path: str) -> str:
    """Raise InvalidError, with the reason, for a path that Envoy answers with 400 by itself."""
    if "#" in path:
        raise InvalidError("the path has a fragment (#)")
    if UNPRINTABLE.search(path):
        raise InvalidError("the path has characters that are not printable ASCII")
    before_query, mark, query = origin_form(path).partition("?")
    if ESCAPED_SLASH.search(before_query):
        raise InvalidError("the path has an escaped slash (%2F or %5C)")
    bare = "/".join(without_dot_parameters(segment) for segment in before_query.split("/"))
    if "%00" in bare:
        raise InvalidError("the path has an escaped zero (%00)")
    return canonical(bare) + mark + query


def without_query(path: str) -> str:
    return path.partition("?")[0]


def canonical(path: str) -> str:
    """Normalize a path without a query, parameters of dot segments and anything refused."""
    if path == "*":  # of OPTIONS, which asks about the server as a whole
        return path
    plain = ESCAPE.sub(unescaped, path.replace("\\", "/"))
    # A % that comes to stand before two digits only by this, as in %%61b, must not begin an escape.
    whole = MADE_ESCAPE.sub("%25", plain).replace(LONE_PERCENT, "%")
    escaped = NEEDS_ESCAPE.sub(lambda found: f"%{ord(found[0]):02X}", whole)
    return with_slashes_merged(without_dot_segments(escaped))


def origin_form(path: str) -> str:
    """Take scheme and authority off `GET http://web/admin`, which HTTP/1.1 allows."""
    rest = ABSOLUTE.sub("", path, count=1) if ABSOLUTE.match(path) else path
    if rest != path and not rest.startswith("/"):
        return "/" + rest
    if not rest.startswith("/") and rest != "*":
        raise InvalidError("the path does not begin with /")
    return rest


def without_dot_parameters(segment: str) -> str:
    for dots in ("..", "."):
        if segment.startswith(f"{dots};"):
            return dots
    return segment


def unescaped(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return LONE_PERCENT
    character = chr(int(escape[1], 16))
    return character if character in UNRESERVED else escape[0]


def without_dot_segments(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == ".." and kept:
            kept.pop()
        if segment not in (".", ".."):
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def with_slashes_merged(path: str) -> str:
    if "//" not in path:
        return path
    names = [segment for segment in path.split("/") if segment]
    # Envoy keeps the first and the last slash each for itself: `///` becomes `//`.
    return "/" + "/".join(names) + ("/" if path.endswith("/") else "")
