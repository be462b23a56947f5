"""Who asks: every request passes here before it is answered."""

from collections.abc import Mapping

import msgspec

from meshcore.acl.authorizer import Authorizer
from meshcore.acl.types import ANONYMOUS_TOKEN
from meshcore.store.callers import Caller


def secret(params: Mapping[str, list[str]], headers: Mapping[bytes, bytes]) -> str:
    """The secret that came along, in Consul's order of precedence; never to be logged."""
    given = params.get("token", [""])[0]
    if given:
        return given
    own = headers.get(b"x-consul-token", b"").decode("latin-1")
    if own:
        return own
    scheme, _, bearer = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else ""


class Scope(msgspec.Struct, frozen=True, eq=False):
    """Who may be sent the same bytes: all whose verdicts come from one and the same authorizer.

    It is compared by identity, which costs nothing, and held, so that no other authorizer can come
    to have the same identity while there are answers for this one.
    """

    authorizer: Authorizer
    has_token: bool  # only who presented one is told that a list is filtered
    accessor_id: str = ""  # where the answer is about the token itself

    def __hash__(self) -> int:
        return hash((id(self.authorizer), self.has_token, self.accessor_id))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Scope)
            and self.authorizer is other.authorizer
            and self.has_token == other.has_token
            and self.accessor_id == other.accessor_id
        )


def scope(caller: Caller, *, is_personal: bool) -> Scope:
    has_token = caller.accessor_id not in ("", ANONYMOUS_TOKEN)
    return Scope(caller.authorizer, has_token, caller.accessor_id if is_personal else "")
