"""The protocol's messages as bytes; responses are joined from resources that are bytes already."""

from envoy.service.discovery.v3 import discovery_pb2

from meshcore.xds.names import TYPES
from meshcore.xds.resources import delimited
from meshcore.xds.stream import Request, Response

TYPE_FIELD, NONCE_FIELD, REMOVED_FIELD = b"\x22", b"\x2a", b"\x32"  # 4, 5 and 6
TYPE_FIELDS = {type_: delimited(TYPE_FIELD, type_.encode()) for type_ in TYPES}


def encode(response: Response) -> bytes:
    return b"".join(
        (
            *(resource.framed for resource in response.resources),
            TYPE_FIELDS[response.type],
            delimited(NONCE_FIELD, response.nonce.encode()),
            *(delimited(REMOVED_FIELD, name.encode()) for name in response.removed),
        )
    )


def request(message: discovery_pb2.DeltaDiscoveryRequest) -> Request:
    has_error = message.HasField("error_detail")
    return Request(
        type=message.type_url,
        subscribe=tuple(message.resource_names_subscribe),
        unsubscribe=tuple(message.resource_names_unsubscribe),
        initial_versions=dict(message.initial_resource_versions),
        nonce=message.response_nonce,
        error=message.error_detail.message if has_error else None,
    )
