"""Whom the client trusts and what it shows when the address is https."""

import ssl
from collections.abc import Callable

from meshcore.lib.errors import InvalidError

FALSE = ("0", "f", "false")
TRUE = ("1", "t", "true")


def tls_context(variable: Callable[[str], str]) -> ssl.SSLContext:
    """Made of CACERT, CAPATH, CLIENT_CERT, CLIENT_KEY and HTTP_SSL_VERIFY."""
    file, folder = variable("CACERT"), variable("CAPATH")
    certificate, key = variable("CLIENT_CERT"), variable("CLIENT_KEY")
    try:
        context = ssl.create_default_context(cafile=file or None, capath=folder or None)
        if certificate:
            context.load_cert_chain(certificate, key or None)
    except OSError as error:
        names = ", ".join(filter(None, (file, folder, certificate, key)))
        raise InvalidError(f"cannot use {names} for TLS: {error.strerror}") from None
    if variable("HTTP_SSL_VERIFY").lower() in FALSE:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
