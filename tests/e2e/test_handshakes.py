"""The server's own certificate is replaced while hundreds shake hands with it."""

import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from meshcore.certificates.rotation import Activate
from tests.e2e.control_plane import LOOPBACK, ControlPlane

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CLIENTS = 200
ROTATIONS = 120


def new_root(plane: ControlPlane) -> None:
    plane.run(plane.issuer.rotations.rotate())
    roots = plane.store.mesh.certificates.trusted_roots()
    (prepared,) = (root for root in roots if root.state == "prepared")
    plane.run(plane.issuer.rotations.take(Activate(prepared.id)))


def shake_hands(port: int, over: threading.Event, context: ssl.SSLContext) -> tuple[int, set[str]]:
    """Again and again, each time over a new connection; return how often, and what it met."""
    count, met = 0, set[str]()
    while not over.is_set():
        with (
            socket.create_connection((LOOPBACK, port), timeout=20) as connection,
            context.wrap_socket(connection, server_hostname="localhost") as secured,
        ):
            met.add(ssl.DER_cert_to_PEM_cert(secured.getpeercert(binary_form=True) or b""))
        count += 1
    return count, met


def test_the_process_survives_and_every_handshake_is_answered(plane: ControlPlane) -> None:
    """gRPC takes a new certificate without a lock (xds/credentials.py)."""
    context = ssl.create_default_context(cadata=plane.store.mesh.certificates.trust_bundle())
    context.set_alpn_protocols(["h2"])
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    over = threading.Event()
    with ThreadPoolExecutor(CLIENTS) as clients:
        running = [
            clients.submit(shake_hands, plane.xds.port, over, context) for _ in range(CLIENTS)
        ]
        try:
            for _ in range(ROTATIONS):
                new_root(plane)
        finally:
            over.set()
        answers = [client.result() for client in running]
    certificates = set().union(*(met for _, met in answers))
    assert sum(count for count, _ in answers) >= CLIENTS
    assert len(certificates) > 1
