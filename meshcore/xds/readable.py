"""Envoy's resources as its own JSON, for people: what Envoy calls sensitive is replaced.

Envoy marks the fields that its /config_dump must not show, and we hide the same ones: private keys,
passwords, tokens, whatever an operator has put into a custom listener included.
"""

import json

from envoy.service.discovery.v3 import discovery_pb2
from google.protobuf import json_format, symbol_database
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from udpa.annotations.sensitive_pb2 import sensitive

from meshcore.proxycfg.state import ReadableResource
from meshcore.xds.names import KINDS
from meshcore.xds.resources import Resource

REDACTED = "[redacted]"


def readable(resource: Resource) -> ReadableResource:
    (framed,) = discovery_pb2.DeltaDiscoveryResponse.FromString(resource.framed).resources
    packed = framed.resource
    return ReadableResource(
        kind=KINDS[resource.type],
        name=resource.name,
        version=resource.version,
        json=_json(_without_secrets(packed)),
    )


def _json(packed: Packed) -> str:
    document = json_format.MessageToDict(packed, preserving_proto_field_name=True)
    document.pop("@type")
    return json.dumps(document, indent=2, ensure_ascii=False)


def _without_secrets(packed: Packed) -> Packed:
    """Types that this process has not loaded cannot be looked into, and are left out whole."""
    try:
        message = symbol_database.Default().GetSymbol(packed.TypeName())()
    except KeyError:
        return Packed()
    packed.Unpack(message)
    _redact(message)
    clean = Packed()
    clean.Pack(message)
    return clean


def _redact(message: Message, *, is_secret: bool = False) -> None:
    for field, value in message.ListFields():
        hidden = is_secret or field.GetOptions().Extensions[sensitive]
        inner = field.message_type
        if inner is None:
            if hidden:
                _replace(message, field)
            continue
        if inner.GetOptions().map_entry:
            value = value.values()  # of scalars or of messages
        for each in value if field.is_repeated else (value,):
            if isinstance(each, Packed):
                each.CopyFrom(_without_secrets(each))
            elif isinstance(each, Message):
                _redact(each, is_secret=hidden)


def _replace(message: Message, field: FieldDescriptor) -> None:
    text: str | bytes = REDACTED
    if field.type == FieldDescriptor.TYPE_BYTES:
        text = REDACTED.encode()
    elif field.type != FieldDescriptor.TYPE_STRING:
        message.ClearField(field.name)
        return
    if field.is_repeated:
        values = getattr(message, field.name)
        values[:] = [text] * len(values)
    else:
        setattr(message, field.name, text)
