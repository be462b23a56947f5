"""Under which names the agent may be asked."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_ours(host: str, *, listens_on: str) -> bool:
    """A page in a browser of this host can make its own name mean us; then it asks by that name.

    Where others are to reach the agent as well, any name may be its own.
    """
    if not ip_address(listens_on).is_loopback:
        return True
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or bool(ip_address(name))
    except ValueError:
        return False
