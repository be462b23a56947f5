"""Where the server is, as operators write it: host:port, a URL, or a unix socket."""

from urllib.parse import urlsplit

import msgspec

from meshcore.lib.errors import InvalidError

PORTS = {"http": 80, "https": 443}
UNIX = "unix://"


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """`socket` is the path of a unix socket; `prefix` stands before every path of the API."""

    text: str
    host: str = "localhost"
    port: int = 0
    prefix: str = ""
    is_tls: bool = False
    socket: str = ""


def address(written: str, *, default_port: int) -> Address:
    """A host alone means the default port; a URL without a port means what URLs mean."""
    if written.startswith(UNIX):
        return Address(text=written, socket=_known(written.removeprefix(UNIX), written))
    if "@" in written:
        raise InvalidError("the address holds a user name; a token belongs in TULLE_HTTP_TOKEN")
    text = written if "://" in written else f"http://{written}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _no_address(written) from None
    if parts.scheme not in PORTS or port == 0 or parts.query or parts.fragment:
        raise _no_address(written)
    if port is None:
        port = PORTS[parts.scheme] if "://" in written else default_port
        text = text if "://" in written else f"{parts.scheme}://{parts.netloc}:{port}"
    return Address(
        text=text.rstrip("/"),
        host=_host(parts.hostname or "", written),
        port=port,
        prefix=parts.path.rstrip("/"),
        is_tls=parts.scheme == "https",
    )


def _host(host: str, written: str) -> str:
    try:
        host.encode("idna")
    except UnicodeError:
        raise _no_address(written) from None
    return _known(host, written)


def _known(part: str, written: str) -> str:
    if not part or any(letter.isspace() or not letter.isprintable() for letter in part):
        raise _no_address(written)
    return part


def _no_address(written: str) -> InvalidError:
    return InvalidError(
        f'"{written}" is no address: write host:port, http://host:port, https://host:port'
        " or unix:///path"
    )
