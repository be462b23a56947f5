"""One resource of Envoy's, serialized once and shared by all the streams that are sent it."""

import hashlib

import msgspec
from envoy.service.discovery.v3 import discovery_pb2
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.message import Message

RESOURCES_FIELD = b"\x12"  # field 2 of DeltaDiscoveryResponse, length-delimited


class Resource(msgspec.Struct, frozen=True):
    """`framed` is the resource as a field of a response: responses are made by joining them.

    `needs` names the endpoints without which a cluster does not get ready.
    """

    type: str
    name: str
    version: str
    framed: bytes
    needs: str = ""

    def __repr__(self) -> str:
        return f"Resource({self.name} {self.version})"  # the bytes may hold a private key


def resource(name: str, message: Message, *, needs: str = "") -> Resource:
    """The version is a hash of the content: what is built again to the same is not sent again."""
    wrapped = packed(message)
    version = hashlib.blake2b(wrapped.value, digest_size=8).hexdigest()
    inner = discovery_pb2.Resource(name=name, version=version, resource=wrapped)
    body = inner.SerializeToString(deterministic=True)
    return Resource(
        type=wrapped.type_url,
        name=name,
        version=version,
        framed=delimited(RESOURCES_FIELD, body),
        needs=needs,
    )


def packed(message: Message) -> Packed:
    wrapped = Packed()
    wrapped.Pack(message, deterministic=True)
    return wrapped


def delimited(tag: bytes, body: bytes) -> bytes:
    """One field of a protobuf message whose wire type is a length and that many bytes."""
    length = bytearray()
    rest = len(body)
    while rest > 0x7F:
        length.append(rest & 0x7F | 0x80)
        rest >>= 7
    length.append(rest)
    return tag + bytes(length) + body
