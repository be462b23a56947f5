"""Which URLs this server calls although somebody else wrote them."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from meshcore.lib.errors import InvalidError


def trustworthy(url: str, *, what: str) -> SplitResult:
    """Raise InvalidError for all but https, and http to this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # raises for one that is no number
    except ValueError as error:
        raise InvalidError(f'{what} "{url}" is no URL: {error}') from error
    if parts.scheme not in ("https", "http") or not host or not url.isprintable() or " " in url:
        raise InvalidError(f'{what} "{url}" is no URL: write it as https://host:port/path')
    if parts.username is not None or parts.fragment:
        raise InvalidError(f"{what} must hold neither a user nor a fragment")
    if parts.scheme == "http" and not is_loopback(host):
        raise InvalidError(f'{what} "{url}" must be https: anybody on the way could change it')
    return parts


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
