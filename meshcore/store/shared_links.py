"""One-time logins that any server of the mesh can redeem: kept in Redis until they are used.

Redis holds the hash of a code and whose token it is for: nothing that anybody could log in with.
"""

import msgspec
import redis

from meshcore.acl.types import Token
from meshcore.mesh.types import Mesh
from meshcore.store.channel import SEND_TIMEOUT_S

PREFIX = "tulle:link:"


class Kept(msgspec.Struct, frozen=True, array_like=True):
    accessor_id: str
    secret_hash: str  # a token that was made anew under its accessor is another one


class SharedLinks:
    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=SEND_TIMEOUT_S, socket_connect_timeout=SEND_TIMEOUT_S
        )

    def keep(self, code_hash: bytes, token: Token, *, for_s: int) -> bool:
        """Whether it is kept: not while Redis is away."""
        kept = msgspec.json.encode(Kept(token.accessor_id, token.secret_hash))
        try:
            self._redis.set(PREFIX + code_hash.hex(), kept, ex=for_s)
        except redis.RedisError:
            return False
        return True

    def take(self, code_hash: bytes, *, mesh: Mesh) -> Token | None:
        """The token that it was kept for, once; nothing while Redis is away."""
        name = PREFIX + code_hash.hex()
        try:
            with self._redis.pipeline() as pipeline:  # one transaction: of two, one gets it
                pipeline.get(name)
                pipeline.delete(name)
                found, _ = pipeline.execute()
        except redis.RedisError:
            return None
        if found is None:
            return None
        kept = msgspec.json.decode(found, type=Kept)
        token = mesh.acl.token(kept.accessor_id)
        return token if token and token.secret_hash == kept.secret_hash else None
