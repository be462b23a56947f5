"""Small real servers that publish keys and review tokens, and what they sign."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
Answers = dict[str, Callable[["Asked"], tuple[int, object]]]


class Asked(msgspec.Struct, frozen=True):
    path: str
    authorization: str
    body: Any


@cache
def ec_key(_number: int = 1) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def public_pem(key: PrivateKey) -> str:
    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_pem(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def jwk(key: PrivateKey, key_id: str) -> dict[str, Any]:
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    public: Any = key.public_key()
    document: dict[str, Any] = algorithm.to_jwk(public, as_dict=True)
    return document | {"kid": key_id, "use": "sig"}


def signed(
    claims: dict[str, Any], key: PrivateKey, *, algorithm: str = "ES256", key_id: str = ""
) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": key_id} if key_id else None)


@contextmanager
def serving(answers: Answers) -> Iterator[tuple[str, list[Asked]]]:
    """Yield the server's URL, and what it is asked."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            question = Asked(
                self.path,
                self.headers.get("authorization", ""),
                json.loads(self.rfile.read(length) or b"null"),
            )
            asked.append(question)
            answer = answers.get(self.path)
            status, value = answer(question) if answer else (404, {})
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("location", "/keys")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
