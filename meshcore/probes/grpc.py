"""What does a server say of itself by gRPC's health protocol?

Spoken without the gRPC library: one call of two known messages is not worth 20 MB in each agent.
"""

import asyncio
from contextlib import aclosing
from urllib.parse import unquote

import msgspec
from h2.events import DataReceived, ResponseReceived, StreamEnded, StreamReset, TrailersReceived

from meshcore.lib.errors import DeniedError
from meshcore.probes.connecting import Tls, split
from meshcore.probes.http2 import Conversation, ProtocolError, conversation
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome

PATH = "/grpc.health.v1.Health/Check"
SERVING = 1
STATUSES: dict[int, str] = {
    0: "UNKNOWN",
    SERVING: "SERVING",
    2: "NOT_SERVING",
    3: "SERVICE_UNKNOWN",
}
FRAME_HEADER = 5  # a byte whether it is compressed, four of length


class Answer(msgspec.Struct):
    headers: dict[str, str] = {}
    content: bytes = b""


async def probe(
    target: str, *, timeout_s: float, tls: Tls | None = None, policy: Policy | None = None
) -> Outcome:
    """Ask host:port/service; without a service it answers for all that it serves."""
    address, _, service = target.partition("/")
    try:
        host, port = split(address)
        async with (
            asyncio.timeout(timeout_s),
            conversation(host, port, tls=tls, policy=policy) as talk,
        ):
            answer = await _asked(talk, address, service, scheme="https" if tls else "http")
    except (OSError, ValueError, TimeoutError, DeniedError, ProtocolError) as error:
        reason = "timed out" if isinstance(error, TimeoutError) else str(error)
        return Outcome("critical", f"gRPC check {target}: {reason}")
    return judged(answer, target=target)


def judged(answer: Answer, *, target: str) -> Outcome:
    code = answer.headers.get("grpc-status", "")
    if code not in ("", "0"):
        message = unquote(answer.headers.get("grpc-message", ""))
        return Outcome("critical", f"gRPC check {target}: code {code} {message}".rstrip())
    if (status := answer.headers.get(":status", "none")) != "200":
        return Outcome("critical", f"gRPC check {target}: HTTP status {status}")
    health = health_of(answer.content)
    if health == SERVING:
        return Outcome("passing", f"gRPC check {target}: success")
    return Outcome("critical", f"gRPC check {target}: {STATUSES.get(health, health)}")


async def _asked(talk: Conversation, authority: str, service: str, *, scheme: str) -> Answer:
    stream = talk.connection.get_next_available_stream_id()
    talk.connection.send_headers(
        stream,
        [
            (":method", "POST"),
            (":scheme", scheme),
            (":path", PATH),
            (":authority", authority),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
            ("user-agent", "Tulle Health Check"),
        ],
    )
    talk.connection.send_data(stream, question(service), end_stream=True)
    answer = Answer()
    async with aclosing(talk.events()) as events:
        async for event in events:
            match event:
                case ResponseReceived() | TrailersReceived():
                    answer.headers |= {str(name): str(value) for name, value in event.headers or ()}
                case DataReceived():
                    answer.content += event.data or b""
                case StreamReset():
                    raise OSError(f"the stream was reset, code {event.error_code}")
                case StreamEnded():
                    break
    return answer


def question(service: str) -> bytes:
    """HealthCheckRequest: its first field is the service's name."""
    name = service.encode()
    message = b"\x0a" + _varint(len(name)) + name if name else b""
    return b"\0" + len(message).to_bytes(4, "big") + message


def health_of(content: bytes) -> int:
    """HealthCheckResponse: its first field is the status, and left out when it is zero."""
    message = content[FRAME_HEADER:]
    return message[1] if message[:1] == b"\x08" and len(message) > 1 else 0


def _varint(number: int) -> bytes:
    octets = b""
    while number > 0x7F:
        octets += bytes([number & 0x7F | 0x80])
        number >>= 7
    return octets + bytes([number])
