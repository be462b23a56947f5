"""The protocol's messages as bytes; responses are joined from resources that are bytes already."""

from envoy.service.discovery.v3 import discovery_pb2

from meshcore.xds.names import TYPES
from meshcore.xds.resources import delimited
from meshcore.xds.stream import Request, Response

TYPE_FIELD, NONCE_FIELD, REMOVED_FIELD = b"\x22", b"\x2a", b"\x32"  # 4, 5 and 6
TYPE_FIELDS = {type_: delimited(TYPE_FIELD, type_.encode()) for type_ in TYPES}
ACKED_TYPE_FIELD, ACKED_NONCE_FIELD = b"\x12", b"\x32"  # 2 and 6 of a request
ACKED_TYPE_FIELDS = {delimited(ACKED_TYPE_FIELD, type_.encode()): type_ for type_ in TYPES}


def encode(response: Response) -> bytes:
    parts = [resource.framed for resource in response.resources]
    parts.append(TYPE_FIELDS[response.type])
    parts.append(delimited(NONCE_FIELD, response.nonce.encode()))
    if response.removed:
        parts += [delimited(REMOVED_FIELD, name.encode()) for name in response.removed]
    return b"".join(parts)


def request(message: bytes) -> Request:
    return acknowledgement(message) or decoded(message)


def acknowledgement(message: bytes) -> Request | None:
    """What nearly all messages are, a type and a nonce, read without a protobuf object."""
    end = message[1] + 2 if len(message) > 1 else 0
    type_ = ACKED_TYPE_FIELDS.get(message[:end])
    nonce = message[end + 2 :]
    # Our nonces are short numbers: their length is one byte.
    if type_ is None or not 0 < len(nonce) < 0x80:
        return None
    if message[end : end + 2] != ACKED_NONCE_FIELD + bytes((len(nonce),)):
        return None
    return Request(type=type_, nonce=nonce.decode())


def decoded(message: bytes) -> Request:
    parsed = discovery_pb2.DeltaDiscoveryRequest.FromString(message)
    has_error = parsed.HasField("error_detail")
    return Request(
        type=parsed.type_url,
        subscribe=tuple(parsed.resource_names_subscribe),
        unsubscribe=tuple(parsed.resource_names_unsubscribe),
        initial_versions=dict(parsed.initial_resource_versions),
        nonce=parsed.response_nonce,
        error=parsed.error_detail.message if has_error else None,
    )
