"""The HTTP client of what runs beside workloads: the CLI, and proxies' launchers."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from meshcore.lib.errors import DeniedError, InvalidError, MeshError, NotFoundError

Json = Any  # what json.loads returns

DEFAULT_ADDRESS = "127.0.0.1:8500"
REFUSALS: dict[int, type[MeshError]] = {
    400: InvalidError,
    401: DeniedError,
    403: DeniedError,
    404: NotFoundError,
}


class UnreachableError(MeshError):
    """No server answered."""


class Client:
    """One server, one token; refusals are raised as the errors that the server meant."""

    def __init__(self, address: str, *, token: str = "", ca_file: str = "") -> None:
        self.address = address if "://" in address else f"http://{address}"
        socket = self.address.removeprefix("unix://") if "unix://" in self.address else None
        self._http = httpx.Client(
            base_url="http://localhost" if socket else self.address,
            transport=httpx.HTTPTransport(uds=socket) if socket else None,
            headers={"X-Consul-Token": token} if token else {},
            verify=ca_file or True,
            timeout=httpx.Timeout(30, read=None),
            trust_env=False,
        )
        self.token = token

    def get(self, path: str, **params: str | int) -> Json:
        return self.answer("GET", path, params=params).json()

    def get_with_index(self, path: str, **params: str | int) -> tuple[Any, int]:
        """The second is what to pass as `index` to be answered when it has changed."""
        response = self.answer("GET", path, params=params)
        return response.json(), int(response.headers.get("X-Consul-Index", "0"))

    def put(self, path: str, body: Json = None, **params: str | int) -> Json:
        return _decoded(self.answer("PUT", path, json=body, params=params))

    def post(self, path: str, body: Json = None, **params: str | int) -> Json:
        return _decoded(self.answer("POST", path, json=body, params=params))

    def delete(self, path: str, **params: str | int) -> Json:
        return _decoded(self.answer("DELETE", path, params=params))

    def answer(
        self,
        method: str,
        path: str,
        *,
        json: Json = None,
        params: Mapping[str, str | int] | None = None,
    ) -> httpx.Response:
        try:
            response = self._http.request(method, path, json=json, params=params)
        except httpx.TransportError as error:
            raise UnreachableError(
                f"no answer from {self.address}: {error}; is the server running (tulle server),"
                " and does TULLE_HTTP_ADDR name it?"
            ) from error
        if response.is_success:
            return response
        raise REFUSALS.get(response.status_code, MeshError)(_reason(response))


def from_environment(
    *, address: str | None = None, token: str | None = None, environ: Mapping[str, str] = os.environ
) -> Client:
    """Arguments first, then Tulle's variables, then Consul's."""

    def variable(name: str) -> str:
        return environ.get(f"TULLE_{name}") or environ.get(f"CONSUL_{name}") or ""

    secret = token or variable("HTTP_TOKEN")
    token_file = variable("HTTP_TOKEN_FILE")
    if not secret and token_file:
        secret = _token_in(Path(token_file))
    chosen = address or variable("HTTP_ADDR") or DEFAULT_ADDRESS
    if "://" not in chosen and variable("HTTP_SSL").lower() in ("1", "true"):
        chosen = f"https://{chosen}"
    return Client(chosen, token=secret, ca_file=variable("CACERT"))


def _token_in(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError as error:
        raise InvalidError(f"cannot read the token file {file}: {error.strerror}") from error


def _decoded(response: httpx.Response) -> Json:
    return response.json() if response.content.strip() else None


def _reason(response: httpx.Response) -> str:
    """The server's own sentence: /v1 answers in plain text, /api in JSON."""
    if "json" in response.headers.get("Content-Type", ""):
        body = response.json()
        if isinstance(body, dict) and isinstance(body.get("error"), str):
            return str(body["error"])
    return response.text.strip() or f"HTTP status {response.status_code}"
