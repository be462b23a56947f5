import asyncio
from datetime import UTC, datetime, timedelta

from meshcore.acl.types import Token
from meshcore.mesh.types import Change, Topic
from meshcore.store.store import Store
from meshcore.tasks.tokens import prune_once

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def token(accessor_id: str, expires_at: datetime | None) -> Token:
    return Token(
        accessor_id=accessor_id,
        secret_hash=accessor_id,
        sealed_secret=b"",
        created_at=NOW,
        expires_at=expires_at,
    )


def test_long_expired_tokens_are_deleted_and_nothing_is_written_when_there_are_none(
    store: Store,
) -> None:
    tokens = [
        token("old", NOW - timedelta(hours=2)),
        token("just-expired", NOW),
        token("good", NOW + timedelta(hours=1)),
        token("endless", None),
    ]
    store.write_from_thread(
        lambda _: [Change(Topic.TOKEN, (each.accessor_id,), None, each) for each in tokens],
        actor="test",
    )
    asyncio.run(prune_once(store, now=NOW))
    index = store.mesh.index
    assert sorted(store.mesh.acl.tokens) == ["endless", "good", "just-expired"]
    asyncio.run(prune_once(store, now=NOW))
    assert store.mesh.index == index
