"""Callers without a sidecar: TLS connections with whatever certificate a test wants to show."""

import http.client
import socket
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from meshcore.certificates import authority, sealing, signing
from meshcore.certificates.holders import agent_leaf_key
from meshcore.certificates.spiffe import ServiceId
from meshcore.certificates.types import Lifetimes
from tests.e2e.control_plane import DATACENTER, LOOPBACK, ControlPlane


class Answer(msgspec.Struct, frozen=True):
    status: int
    body: str


def identity(plane: ControlPlane, service: str, folder: Path) -> ssl.SSLContext:
    """What a client of this service shows, and trusts."""
    issued = plane.run(plane.issuer.leaf(agent_leaf_key(service), service))
    chain = issued.leaf.certificate_pem
    return context(chain, issued.private_key_pem, plane, folder / f"{service}.pem")


def forged(plane: ControlPlane, service: str, file: Path) -> ssl.SSLContext:
    """A certificate for the service's very name, from another authority."""
    now, key = datetime.now(UTC), sealing.parse(sealing.generate())
    domain = plane.store.mesh.certificates.trust_domain
    root = authority.new_root(
        trust_domain=domain, name="evil", now=now, lifetimes=Lifetimes(), sealing_key=key
    )
    leaf = signing.issue(
        ServiceId(trust_domain=domain, datacenter=DATACENTER, service=service),
        authority=authority.load(root, trusted=(root,), keys=(key,)),
        now=now,
        lifetimes=Lifetimes(),
        sealing_key=key,
    )
    return context(leaf.certificate_pem, signing.key_pem(leaf, keys=(key,)).decode(), plane, file)


def context(chain: str, key: str, plane: ControlPlane, file: Path) -> ssl.SSLContext:
    made = anonymous(plane)
    file.write_text(chain + key)
    made.load_cert_chain(file)
    return made


def anonymous(plane: ControlPlane) -> ssl.SSLContext:
    made = ssl.create_default_context(cadata=plane.store.mesh.certificates.trust_bundle())
    made.check_hostname = False  # mesh certificates name services by URI
    return made


def connect(port: int, tls: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection((LOOPBACK, port), timeout=5)
    return tls.wrap_socket(plain, server_hostname="api")


class HttpCaller:
    """One connection that is kept alive for as long as the other side lets it."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        self._port, self._tls = port, tls
        self._connection = connect(port, tls)
        self.connections = 1

    def ask(
        self, path: str, method: str = "GET", headers: Iterable[tuple[str, str]] = ()
    ) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", "Host: api"]
        lines += [f"{name}: {value}" for name, value in headers]
        self._connection.sendall("\r\n".join([*lines, "", ""]).encode())
        response = http.client.HTTPResponse(self._connection, method=method)
        response.begin()
        answer = Answer(response.status, response.read().decode())
        if response.will_close:
            self._connection.close()
            self._connection = connect(self._port, self._tls)
            self.connections += 1
        return answer

    def __enter__(self) -> "HttpCaller":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._connection.close()


def reply(connection: ssl.SSLSocket) -> str:
    """What a TCP application answers; nothing when the connection is refused or closed."""
    try:
        connection.sendall(b"hello")
        return connection.recv(100).decode()
    except (ConnectionError, ssl.SSLError):
        return ""
