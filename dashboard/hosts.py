"""Under which names browsers may call the dashboard.

A page from elsewhere whose name was made to lead to this machine (DNS rebinding) brings no login,
but where ACLs are off it needs none. Such a name is not among these.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec


class Hosts(msgspec.Struct, frozen=True):
    """`external_url` is where browsers find this server when something stands before it."""

    node_name: str = ""
    external_url: str = ""

    @property
    def is_secure(self) -> bool:
        """Browsers reach it by TLS, whatever this process sees of it."""
        return self.external_url.startswith("https:")

    def are(self, host_header: str) -> bool:
        host = name_in(host_header)
        if host == "localhost" or host.endswith(".localhost") or _is_address(host):
            return True
        return bool(host) and host in (self.node_name.lower(), name_in_url(self.external_url))

    def is_origin(self, origin: str, *, host_header: str) -> bool:
        """Tell whether a request that names this origin comes from one of our own pages."""
        if self.external_url and origin == self.external_url:
            return True
        parts = urlsplit(origin)
        is_http = parts.scheme in ("http", "https")
        return is_http and parts.netloc == host_header and self.are(host_header)


def name_in(host_header: str) -> str:
    """Without the port, and an IPv6 address without its brackets."""
    try:
        return urlsplit(f"//{host_header}").hostname or ""
    except ValueError:
        return ""


def name_in_url(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False
