"""The servers: whichever answers is asked, and the next one when it is away."""

import logging
import ssl
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httptools
import msgspec

from meshcore.agent.connections import Connections
from meshcore.agent.exchange import Asked, BrokenOffError, Header, Incoming, sent
from meshcore.agent.settings import Settings
from meshcore.client.address import Address, address
from meshcore.client.http import DEFAULT_PORT, REFUSALS, UnreachableError
from meshcore.client.tls import tls_context
from meshcore.lib.errors import MeshError

logger = logging.getLogger(__name__)

JSON: Header = (b"content-type", b"application/json")
READS = ("GET", "HEAD")


class UnsentError(Exception):
    """Nothing of the request has reached this server."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Servers:
    def __init__(self, places: Sequence[Address], *, tls: ssl.SSLContext | None = None) -> None:
        self.places = tuple(places)
        self._connections = [Connections(place, tls=tls) for place in places]
        self._first = 0  # the one that answered last

    @property
    def preferred(self) -> Address:
        return self.places[self._first]

    def close(self) -> None:
        for connections in self._connections:
            connections.close()

    async def answer(self, asked: Asked, *, is_repeatable: bool = False) -> Incoming:
        """From the first that answers; raise UnreachableError when none does.

        What may not be done twice is sent to another server only if it has left us for none.
        """
        is_repeatable = is_repeatable or asked.method in READS
        problems = []
        for number in (*range(self._first, len(self.places)), *range(self._first)):
            try:
                incoming = await _from(
                    self._connections[number], asked, is_repeatable=is_repeatable
                )
            except UnsentError as unsent:
                problems.append(_problem(self.places[number], unsent.reason))
                continue
            except (OSError, httptools.HttpParserError) as error:
                problems.append(_problem(self.places[number], error))
                if is_repeatable:
                    continue
                break
            self._first = number
            return incoming
        raise UnreachableError(f"no server answers: {'; '.join(problems)}")

    async def ask(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        body: object = None,
        params: dict[str, str] | None = None,
        timeout_s: float = 10.0,
    ) -> Any:  # noqa: ANN401 - any JSON
        """What a server answers to what may be done twice; refusals are raised as it meant them."""
        asked = Asked(
            method=method,
            target=path + (f"?{urlencode(params)}" if params else ""),
            headers=(JSON, *_authority(token)),
            body=b"" if body is None else msgspec.json.encode(body),
            timeout_s=timeout_s,
        )
        incoming = await self.answer(asked, is_repeatable=True)
        try:
            content = await incoming.whole()
        except (OSError, httptools.HttpParserError) as error:
            raise UnreachableError(_problem(self.preferred, error)) from None
        finally:
            incoming.close()
        if not 200 <= incoming.status < 300:
            raise refusal(incoming.status, content)
        return msgspec.json.decode(content) if content.strip() else None


async def _from(connections: Connections, asked: Asked, *, is_repeatable: bool) -> Incoming:
    """By a connection that is there, unless the server has left it meanwhile; else by a new one."""
    place, keep = connections.place, connections.keep
    streams = connections.idle() if is_repeatable else None
    if streams is not None:
        try:
            return await sent(place, asked, streams, keep=keep)
        except TimeoutError:
            raise  # it is there, and says nothing
        except (OSError, httptools.HttpParserError):
            logger.debug("%s has left a connection", place.text)
    try:
        streams = await connections.fresh()
    except OSError as error:
        raise UnsentError(error) from None
    return await sent(place, asked, streams, keep=keep)


def refusal(status: int, content: bytes) -> MeshError:
    told = content.decode(errors="replace").strip() or f"HTTP status {status}"
    if status >= 500 and status != 501:
        return UnreachableError(told)
    return REFUSALS.get(status, MeshError)(told)


def _authority(token: str) -> tuple[Header, ...]:
    return ((b"x-consul-token", token.encode("latin-1")),) if token else ()


def _problem(place: Address, error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"{place.text} takes too long"
    if isinstance(error, BrokenOffError):
        return f"{place.text}: {error}"
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{place.text}: {reason or error}"


def servers_of(settings: Settings, environ: Mapping[str, str]) -> Servers:
    """With TLS as the CLI's: Tulle's variables first, then Consul's."""
    places = [address(each, default_port=DEFAULT_PORT) for each in settings.servers or ()]
    if not any(place.is_tls for place in places):
        return Servers(places)

    def variable(name: str) -> str:
        if name == "CACERT" and settings.ca_file:
            return str(settings.ca_file)
        return environ.get(f"TULLE_{name}") or environ.get(f"CONSUL_{name}") or ""

    return Servers(places, tls=tls_context(variable))
