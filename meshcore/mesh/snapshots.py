"""A mesh as one file: what a backup is, and what moves a mesh from one database to another.

A gzipped tar as Consul's snapshots are: `meta.json`, `state.jsonl` with a value a line, and
`SHA256SUMS` of both. Secrets stand in it as they are kept: sealed, and tokens by their hash. So it
is of use only under the secret key that it was made under; `key` tells which that was.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from meshcore.lib import archives
from meshcore.lib.errors import InvalidError
from meshcore.mesh.encoding import decode_value
from meshcore.mesh.types import Key, Mesh, Topic, Value

FORMAT = 1
META, STATE = "meta.json", "state.jsonl"
NO_KEY: Key = ()

Values = Mapping[tuple[Topic, Key], Value]


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    format: int = FORMAT
    index: int
    at: datetime
    datacenter: str
    trust_domain: str
    version: str  # of Tulle
    key: str  # a fingerprint of the secret key


class Line(msgspec.Struct, frozen=True, array_like=True):
    topic: Topic
    key: Key
    value: msgspec.Raw


class Snapshot(msgspec.Struct, frozen=True):
    meta: Meta
    values: Values


ENCODER = msgspec.json.Encoder()
LINE = msgspec.json.Decoder(Line)


def values_of(mesh: Mesh) -> Iterator[tuple[Topic, Key, Value]]:
    """Everything that is kept of the mesh."""
    for topic, records in _by_name(mesh).items():
        for name, record in records.items():
            yield topic, (name,), record.value
    pairs: dict[Topic, Mapping[tuple[str, str], Any]] = {
        Topic.INSTANCE: mesh.registry.instances,
        Topic.CHECK: mesh.registry.checks,
        Topic.CONFIG_ENTRY: mesh.config_entries.entries,
    }
    for topic, paired in pairs.items():
        for pair, record in paired.items():
            yield topic, pair, record.value
    singles = {Topic.TRUST: mesh.certificates.trust, Topic.BOOTSTRAP: mesh.acl.bootstrap}
    for topic, single in singles.items():
        if single is not None:
            yield topic, NO_KEY, single.value


def _by_name(mesh: Mesh) -> dict[Topic, Mapping[str, Any]]:
    return {
        Topic.NODE: mesh.registry.nodes,
        Topic.INTENTIONS: mesh.intentions.by_destination,
        Topic.ROOT: mesh.certificates.roots,
        Topic.LEAF: mesh.certificates.leaves,
        Topic.TOKEN: mesh.acl.tokens,
        Topic.POLICY: mesh.acl.policies,
        Topic.ROLE: mesh.acl.roles,
        Topic.AUTH_METHOD: mesh.acl.auth_methods,
        Topic.BINDING_RULE: mesh.acl.binding_rules,
        Topic.PLACE: mesh.places.by_service,
    }


def packed(mesh: Mesh, meta: Meta) -> bytes:
    state = b"\n".join(ENCODER.encode(line) for line in values_of(mesh))
    return archives.pack({META: ENCODER.encode(meta), STATE: state}, at_s=meta.at.timestamp())


def unpacked(content: bytes) -> Snapshot:
    """Raise InvalidError for what is no whole snapshot of ours."""
    files = archives.unpack(content, what="snapshot")
    if not {META, STATE} <= files.keys():
        raise InvalidError(
            "this is no snapshot of Tulle's; those of Consul cannot be restored: they hold"
            " Consul's own state"
        )
    try:
        meta = msgspec.json.decode(files[META], type=Meta)
        if meta.format != FORMAT:
            raise InvalidError(f"the snapshot has format {meta.format}, and this Tulle {FORMAT}")
        lines = [LINE.decode(line) for line in files[STATE].splitlines() if line]
        found = {(line.topic, line.key): decode_value(line.topic, line.value) for line in lines}
    except msgspec.MsgspecError as error:
        raise InvalidError(f"the snapshot holds what this Tulle does not know: {error}") from None
    return Snapshot(meta, {place: value for place, value in found.items() if value is not None})
