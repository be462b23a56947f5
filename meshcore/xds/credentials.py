"""The certificate of the xDS endpoint, looked up at each handshake: a new root needs no restart.

gRPC replaces its TLS configuration without a lock: it frees the old one, which a handshake on
another thread may be reading at that moment. With 200 clients that connect again and again a
replacement a second ended the process within two minutes, by a segmentation fault or an abort.
What gRPC does around the question is out of reach, but the question is asked before each reading
and answered by us. So a new certificate is given out when everybody who was let through before has
long been past the reading, and nobody else is let through until gRPC has long replaced it:

    let through    | |||  |          | new one            || |||  |
    held up                 <- SETTLING_S -> <- SETTLING_S ->

It takes microseconds where SETTLING_S is 50 ms; new connections, and nothing else, wait for as
long as that once in a rotation.
"""

import logging
import threading
import time
from collections.abc import Callable

import grpc

from meshcore.certificates.signing import ServerCertificate
from meshcore.lib.errors import MeshError
from meshcore.store.issuer import Issuer

SETTLING_S = 0.05

log = logging.getLogger(__name__)


def credentials(issuer: Issuer) -> grpc.ServerCredentials:
    first = issuer.server_certificate()
    return grpc.dynamic_ssl_server_credentials(
        configuration(first), replacements(issuer.server_certificate, first)
    )


def replacements(
    wanted: Callable[[], ServerCertificate], in_use: ServerCertificate
) -> Callable[[], grpc.ServerCertificateConfiguration | None]:
    """What gRPC asks on whichever thread: a new configuration, or None while there is no other."""
    one_at_a_time = threading.Lock()
    settled_at = 0.0

    def changed() -> grpc.ServerCertificateConfiguration | None:
        nonlocal in_use, settled_at
        with one_at_a_time:
            time.sleep(max(0.0, settled_at - time.monotonic()))
            try:
                made = wanted()
            except MeshError as error:
                log.warning("the xDS endpoint keeps its certificate: %s", error)
                return None
            if made is in_use:
                return None
            time.sleep(SETTLING_S)
            in_use, settled_at = made, time.monotonic() + SETTLING_S
            return configuration(made)

    return changed


def configuration(made: ServerCertificate) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration(
        [(made.key_pem, made.certificate_pem.encode())]
    )
