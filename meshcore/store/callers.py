"""Who is at a door: from the secret that was presented to what its holder may do.

Each door asks once a request (or once a stream, and again when it is told to) and hands the caller
on; none of them looks at tokens itself.
"""

import math
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime

import msgspec

from meshcore.acl import denial, resolution
from meshcore.acl.authorizer import UNRESTRICTED, Authorizer
from meshcore.acl.authorizers import Authorizers
from meshcore.acl.resolution import UnknownTokenError
from meshcore.acl.rules import Access, Rule, RuleKind
from meshcore.acl.types import ANONYMOUS_SECRET, ANONYMOUS_TOKEN, Token
from meshcore.certificates import sealing
from meshcore.certificates.sealing import SealingKey
from meshcore.mesh import watch
from meshcore.mesh.types import Change, Mesh, WatchKey
from meshcore.store.store import Store
from meshcore.store.types import Action

NOBODY = Token(
    accessor_id=ANONYMOUS_TOKEN,
    secret_hash="",
    sealed_secret=b"",
    created_at=datetime.fromtimestamp(0, UTC),
)


class Caller(msgspec.Struct, frozen=True, eq=False):
    """Holds for the mesh it was resolved from; equal authorizers are the same object."""

    accessor_id: str  # empty where ACLs are off
    authorizer: Authorizer
    expires_at: datetime | None = None

    @property
    def actor(self) -> str:
        """As the log names who wrote."""
        return f"token {self.accessor_id}" if self.accessor_id else "anonymous"

    @property
    def has_token(self) -> bool:
        return self.accessor_id not in ("", ANONYMOUS_TOKEN)

    def may(self, kind: RuleKind, access: Access, segment: str = "") -> bool:
        return self.authorizer.allows(kind, access, segment)

    def require(self, kind: RuleKind, access: Access, segment: str = "") -> None:
        """Raise DeniedError that names the token by its accessor and what it lacks."""
        denial.require(
            self.authorizer, kind, access, segment, accessor_id=self.accessor_id or ANONYMOUS_TOKEN
        )

    def require_all(self, rules: Iterable[Rule]) -> None:
        for rule in rules:
            self.require(rule.kind, rule.access, rule.segment)


ANYBODY = Caller("", UNRESTRICTED)


def permitted(caller: Caller, action: Action, needs: Callable[[Mesh], Iterable[Rule]]) -> Action:
    """The action, refused if the caller lacks any of what it needs on the mesh that it runs on.

    Whose check or instance an id stands for is known for certain there alone.
    """

    def asked_first(mesh: Mesh) -> Iterable[Change]:
        caller.require_all(needs(mesh))
        return action(mesh)

    return asked_first


class Callers:
    """Resolves secrets; keeps the keys, so that nothing else has to know them."""

    def __init__(
        self,
        store: Store,
        *,
        is_enabled: bool,
        default_allow: bool,
        datacenter: str,
        hash_key: bytes,
        sealing_key: SealingKey,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self.is_enabled = is_enabled
        self.default_allow = default_allow
        self._hash_key = hash_key
        self._sealing_key = sealing_key
        self._authorizers = Authorizers(default_allow=default_allow, datacenter=datacenter)
        self._now = now

    def caller(self, secret: str, *, mesh: Mesh | None = None) -> Caller:
        """Raise UnknownTokenError for a secret of no token; no secret is the anonymous one."""
        if not self.is_enabled:
            return ANYBODY
        mesh = mesh or self._store.mesh
        return self.caller_with(self.token(secret, mesh=mesh), mesh=mesh)

    def caller_with(self, token: Token, *, mesh: Mesh) -> Caller:
        """For whoever has proved to hold it; the token is the one that this mesh holds."""
        authorizer = self._authorizers.of(token, mesh.acl)
        return Caller(token.accessor_id, authorizer, token.expires_at)

    def token(self, secret: str, *, mesh: Mesh | None = None) -> Token:
        """The token itself, for its holder."""
        acl = (mesh or self._store.mesh).acl
        if secret in ("", ANONYMOUS_SECRET):
            return acl.token(ANONYMOUS_TOKEN) or NOBODY
        return resolution.holder(acl, self.hashed(secret), now=self._now())

    def watch_keys(self, caller: Caller) -> Collection[WatchKey]:
        """What is touched when the caller may have become another; expiry is to be asked for."""
        return (watch.token(caller.accessor_id), watch.GRANTS) if caller.accessor_id else ()

    def remaining_s(self, caller: Caller) -> float:
        """For how long whoever waits need not ask about expiry."""
        if caller.expires_at is None:
            return math.inf
        return (caller.expires_at - self._now()).total_seconds()

    def hashed(self, secret: str) -> str:
        return resolution.hashed(secret, key=self._hash_key)

    def sealed(self, secret: str, *, accessor_id: str) -> bytes:
        return self.sealed_for(f"token {accessor_id}", secret)

    def secret_of(self, token: Token) -> str:
        """For whoever may read it back."""
        return self.opened_for(f"token {token.accessor_id}", token.sealed_secret)

    def sealed_for(self, place: str, secret: str) -> bytes:
        """Seal a secret that is none of a token's; it opens for the same place alone."""
        return sealing.seal(secret.encode(), key=self._sealing_key, context=place)

    def opened_for(self, place: str, sealed: bytes) -> str:
        return sealing.unseal(sealed, keys=(self._sealing_key,), context=place).decode()


__all__ = ["ANYBODY", "Caller", "Callers", "UnknownTokenError", "permitted"]
