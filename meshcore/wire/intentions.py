"""Intentions as Consul's older endpoints write them, one by one."""

from base64 import b64encode
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from meshcore.intentions.documents import permission_document
from meshcore.intentions.precedence import rank
from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.lib.records import Record
from meshcore.wire.names import Out

NEVER = datetime(1, 1, 1, tzinfo=UTC)


class IntentionOut(Out, frozen=True, kw_only=True):
    id: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    source_ns: str = "default"
    source_name: str
    destination_ns: str = "default"
    destination_name: str
    source_peer: str | UnsetType = UNSET
    source_type: str
    action: str | UnsetType = UNSET
    permissions: list[dict[str, Any]] | UnsetType = UNSET
    meta: dict[str, str] | UnsetType = UNSET
    precedence: int
    created_at: datetime
    updated_at: datetime
    hash: str
    create_index: int
    modify_index: int


def intention_out(intention: Intention, record: Record[ServiceIntentions]) -> IntentionOut:
    return IntentionOut(
        id=intention.legacy_id or UNSET,
        description=intention.description or UNSET,
        source_name=intention.source,
        destination_name=intention.destination,
        source_peer=intention.source_peer or UNSET,
        source_type=intention.source_type,
        action=intention.action or UNSET,
        permissions=[permission_document(each) for each in intention.permissions] or UNSET,
        meta=intention.legacy_meta or record.value.meta or UNSET,
        precedence=rank(intention),
        created_at=intention.created_at or NEVER,
        updated_at=intention.updated_at or NEVER,
        hash=b64encode(blake2b(msgspec.json.encode(intention), digest_size=8).digest()).decode(),
        create_index=record.create_index,
        modify_index=record.modify_index,
    )
