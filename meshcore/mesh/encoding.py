"""Values as the log and the checkpoint keep them: JSON, one decoder a topic."""

from collections.abc import Iterable, Iterator

import msgspec

from meshcore.acl.types import AuthMethod, BindingRule, Bootstrap, Policy, Role, Token
from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.config_entries.types import ConfigEntry
from meshcore.intentions.types import ServiceIntentions
from meshcore.mesh.places import Place
from meshcore.mesh.types import Change, Key, Topic, Value
from meshcore.registry.types import Check, Instance, Node


class LoggedChange(msgspec.Struct, frozen=True, array_like=True):
    topic: Topic
    key: Key
    before: msgspec.Raw
    after: msgspec.Raw


VALUES = {
    Topic.NODE: msgspec.json.Decoder(Node | None),
    Topic.INSTANCE: msgspec.json.Decoder(Instance | None),
    Topic.CHECK: msgspec.json.Decoder(Check | None),
    Topic.CONFIG_ENTRY: msgspec.json.Decoder(ConfigEntry | None),
    Topic.INTENTIONS: msgspec.json.Decoder(ServiceIntentions | None),
    Topic.TRUST: msgspec.json.Decoder(Trust | None),
    Topic.ROOT: msgspec.json.Decoder(Root | None),
    Topic.LEAF: msgspec.json.Decoder(Leaf | None),
    Topic.TOKEN: msgspec.json.Decoder(Token | None),
    Topic.POLICY: msgspec.json.Decoder(Policy | None),
    Topic.ROLE: msgspec.json.Decoder(Role | None),
    Topic.AUTH_METHOD: msgspec.json.Decoder(AuthMethod | None),
    Topic.BINDING_RULE: msgspec.json.Decoder(BindingRule | None),
    Topic.BOOTSTRAP: msgspec.json.Decoder(Bootstrap | None),
    Topic.PLACE: msgspec.json.Decoder(Place | None),
}
CHANGES = msgspec.json.Decoder(tuple[LoggedChange, ...])
KEY = msgspec.json.Decoder(tuple[str, ...])
ENCODER = msgspec.json.Encoder()


def encode_changes(changes: Iterable[Change]) -> bytes:
    return ENCODER.encode([(c.topic, c.key, c.before, c.after) for c in changes])


def decode_changes(text: bytes | str) -> tuple[Change, ...]:
    return tuple(
        Change(
            topic=logged.topic,
            key=logged.key,
            before=decode_value(logged.topic, logged.before),
            after=decode_value(logged.topic, logged.after),
        )
        for logged in CHANGES.decode(text)
    )


def decode_outcomes(text: bytes | str) -> Iterator[tuple[Topic, Key, Value | None]]:
    """Yield what the values have become, for which what they were need not be decoded."""
    for logged in CHANGES.decode(text):
        yield logged.topic, logged.key, decode_value(logged.topic, logged.after)


def encode_value(value: Value) -> bytes:
    return ENCODER.encode(value)


def decode_value(topic: Topic, text: bytes | str | msgspec.Raw) -> Value | None:
    value: Value | None = VALUES[topic].decode(text)
    return value


def encode_key(key: Key) -> str:
    return ENCODER.encode(key).decode()


def decode_key(text: str) -> Key:
    return KEY.decode(text)
