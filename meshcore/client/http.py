"""The HTTP client of what runs beside workloads: the CLI, and proxies' launchers.

It stands on the standard library: the usual packages take longer to load than a command to run.
"""

import json
import os
import ssl
from collections.abc import Mapping
from email.message import Message
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from meshcore.client.address import Address, address
from meshcore.client.bootstrap_token import bootstrap_token, file_of
from meshcore.client.connections import UnixConnection
from meshcore.client.tls import TRUE, tls_context
from meshcore.lib.errors import DeniedError, InvalidError, MeshError, NotFoundError

Json = Any  # what json.loads returns

DEFAULT_PORT = 8500
TIMEOUT_S = 30
FILE_TIMEOUT_S = 600
FORBIDDEN = 403
UNKNOWN_TOKEN = "ACL not found"  # noqa: S105 Consul's words
WAY_IN = (
    "name one by --token-file FILE or TULLE_HTTP_TOKEN. Who has started a server on this machine"
    " needs none in the same folder, nor elsewhere with TULLE_DATA_DIR set to its data dir"
)
LONGEST_JITTER = 17 / 16  # of the time that a blocking query asks for
REFUSALS: dict[int, type[MeshError]] = {
    400: InvalidError,
    401: DeniedError,
    403: DeniedError,
    404: NotFoundError,
    413: InvalidError,
}


class UnreachableError(MeshError):
    """No server answered."""


class Answer(msgspec.Struct, frozen=True):
    status: int
    content_type: str
    content: bytes
    index: int = 0
    is_filtered: bool = False


class Client:
    """One server, one token; refusals are raised as the errors that the server meant.

    `token_from` names where the token was found, `is_filtered` whether anything was left out of the
    answers so far because the token may not read it.
    """

    def __init__(
        self,
        place: Address,
        *,
        token: str = "",
        token_from: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        if not (token.isascii() and token.isprintable()):
            raise InvalidError("the token holds what no header can: it must be one line of ASCII")
        self.place = place
        self.token = token
        self.token_from = token_from
        self.is_filtered = False
        self._tls = tls

    def using(self, token: str) -> "Client":
        """The same server, asked as somebody else."""
        return Client(self.place, token=token, tls=self._tls)

    @property
    def left_out(self) -> str:
        """What is to be known beside the answers so far; nothing where they are whole."""
        if not self.is_filtered:
            return ""
        if self.token:
            return "what this token may not read is left out"
        return f"no token was sent, so what needs one is left out; {WAY_IN}"

    def get(self, path: str, **params: str | int) -> Json:
        return self._decoded(self._answer("GET", path, params=params))

    def text(self, path: str, **params: str | int) -> str:
        """What is no JSON, or is to stay as it is."""
        return self._answer("GET", path, params=params).content.decode(errors="replace")

    def content(self, path: str) -> bytes:
        """A file, as it is."""
        return self._answer("GET", path, params={}, timeout_s=FILE_TIMEOUT_S).content

    def send(self, path: str, content: bytes) -> None:
        self._answer("PUT", path, body=content, params={}, timeout_s=FILE_TIMEOUT_S)

    def newer(self, path: str, *, than: int, wait_s: int) -> tuple[Json, int]:
        """A blocking query: what is there, with its index, once that is another than this one."""
        params: dict[str, str | int] = {"index": than, "wait": f"{wait_s}s"}
        timeout_s = wait_s * LONGEST_JITTER + TIMEOUT_S
        answer = self._answer("GET", path, params=params, timeout_s=timeout_s)
        return self._decoded(answer), answer.index

    def put(self, path: str, body: Json = None, **params: str | int) -> Json:
        return self._decoded(self._answer("PUT", path, body=body, params=params))

    def post(self, path: str, body: Json = None, **params: str | int) -> Json:
        return self._decoded(self._answer("POST", path, body=body, params=params))

    def delete(self, path: str, **params: str | int) -> Json:
        return self._decoded(self._answer("DELETE", path, params=params))

    def _answer(
        self,
        method: str,
        path: str,
        *,
        body: Json = None,
        params: Mapping[str, str | int],
        timeout_s: float = TIMEOUT_S,
    ) -> Answer:
        target = self.place.prefix + path + (f"?{urlencode(params)}" if params else "")
        headers = {"X-Consul-Token": self.token} if self.token else {}
        content = body if body is None or isinstance(body, bytes) else json.dumps(body)
        if content is not None:
            is_file = isinstance(content, bytes)
            headers["Content-Type"] = "application/octet-stream" if is_file else "application/json"
        connection = self._connection(timeout_s)
        try:
            connection.request(method, target, body=content, headers=headers)
            response = connection.getresponse()
            answer = Answer(
                response.status,
                response.headers.get_content_type(),
                response.read(),
                _index(response.headers.get("X-Consul-Index", "")),
                is_filtered=_is_filtered(response.headers, has_token=bool(self.token)),
            )
        except OSError as error:
            raise UnreachableError(self._no_answer(error, timeout_s)) from error
        except IncompleteRead as error:
            raise UnreachableError(f"the answer from {self.place.text} broke off") from error
        except HTTPException as error:
            raise MeshError(f"what answers on {self.place.text} does not speak HTTP") from error
        finally:
            connection.close()
        if 200 <= answer.status < 300:
            self.is_filtered |= answer.is_filtered
            return answer
        told = self._reason(answer)
        way_out = self._way_in(told) if answer.status == FORBIDDEN else ""
        raise REFUSALS.get(answer.status, MeshError)(told + way_out)

    def _connection(self, timeout_s: float) -> HTTPConnection:
        if self.place.socket:
            return UnixConnection(self.place.socket, timeout=timeout_s)
        if self.place.is_tls:
            return HTTPSConnection(
                self.place.host, self.place.port, timeout=timeout_s, context=self._tls
            )
        return HTTPConnection(self.place.host, self.place.port, timeout=timeout_s)

    def _no_answer(self, error: OSError, timeout_s: float) -> str:
        if isinstance(error, TimeoutError):
            return f"no answer from {self.place.text} within {timeout_s:g} s"
        return (
            f"no answer from {self.place.text}: {error.strerror or error}; is the server running"
            " (tulle server), and does TULLE_HTTP_ADDR name it?"
        )

    def _way_in(self, told: str) -> str:
        if not self.token:
            return f"\nNo token was sent: {WAY_IN}"
        if UNKNOWN_TOKEN in told and self.token_from:
            return (
                f"\nThe token is from {self.token_from}: it was revoked, its time is over, or it is"
                " another server's"
            )
        return ""

    def _decoded(self, answer: Answer) -> Json:
        if not answer.content.strip():
            return None
        try:
            return json.loads(answer.content)
        except ValueError:
            raise MeshError(
                f"what answers on {self.place.text} is no Tulle server: its answer is not JSON"
            ) from None

    def _reason(self, answer: Answer) -> str:
        """The server's own sentence: /v1 answers in plain text, /api in JSON."""
        if answer.content_type == "application/json":
            body = self._decoded(answer)
            if isinstance(body, dict) and isinstance(body.get("error"), str):
                return str(body["error"])
        text = answer.content.decode(errors="replace").strip()
        if answer.content_type == "text/plain" and text:
            return text
        return f"{self.place.text} answered with HTTP status {answer.status}"


def _is_filtered(headers: Message, *, has_token: bool) -> bool:
    """Who sends no token is not told, as by Consul: but where all is denied, things are missing."""
    if has_token:
        return headers.get("X-Consul-Results-Filtered-By-ACLs", "") == "true"
    return headers.get("X-Consul-Default-ACL-Policy", "") == "deny"


def _index(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def segment(name: str) -> str:
    """A name as one part of a path, whatever is in it."""
    return quote(name, safe="")


def from_environment(
    *,
    written: str | None = None,
    token: str | None = None,
    token_from: str = "",
    environ: Mapping[str, str] = os.environ,
) -> Client:
    """Arguments first, then Tulle's variables, then Consul's, then the token in the data dir."""
    variable = partial(_variable, environ)
    chosen = written or variable("HTTP_ADDR") or f"127.0.0.1:{_local_port(environ)}"
    if "://" not in chosen and variable("HTTP_SSL").lower() in TRUE:
        chosen = f"https://{chosen}"
    place = address(chosen, default_port=DEFAULT_PORT)
    secret, found_in = (token, token_from) if token else _secret(place, environ)
    tls = tls_context(variable) if place.is_tls else None
    return Client(place, token=secret, token_from=found_in, tls=tls)


def _secret(place: Address, environ: Mapping[str, str]) -> tuple[str, str]:
    """The token that nobody has typed, and where it is from."""
    if secret := _variable(environ, "HTTP_TOKEN"):
        return secret, _name(environ, "HTTP_TOKEN")
    if token_file := _variable(environ, "HTTP_TOKEN_FILE"):
        return token_in(Path(token_file)), token_file
    return bootstrap_token(place, environ), str(file_of(environ))


def token_in(file: Path) -> str:
    """Raise InvalidError for an empty file: nobody is to be somebody else by a mishap."""
    try:
        token = file.read_text().strip()
    except OSError as error:
        raise InvalidError(f"cannot read the token file {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidError(f"cannot read the token file {file}: not text") from None
    if not token:
        raise InvalidError(f"the token file {file} is empty")
    return token


def _name(environ: Mapping[str, str], name: str) -> str:
    return f"TULLE_{name}" if environ.get(f"TULLE_{name}") else f"CONSUL_{name}"


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(_name(environ, name), "")


def _local_port(environ: Mapping[str, str]) -> int:
    """Who has moved the server by its setting finds it in the same shell."""
    port = environ.get("TULLE_HTTP_PORT", "")
    return int(port) if port.isdecimal() else DEFAULT_PORT
