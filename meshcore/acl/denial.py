"""How a refusal reads, in the words that Consul's users and tools know."""

from meshcore.acl.authorizer import Authorizer
from meshcore.acl.rules import UNSEGMENTED, Access, RuleKind
from meshcore.acl.types import ANONYMOUS_TOKEN
from meshcore.lib.errors import DeniedError


def require(
    authorizer: Authorizer, kind: RuleKind, access: Access, segment: str = "", *, accessor_id: str
) -> None:
    """Raise DeniedError that names the token by its accessor, and what it lacks."""
    if not authorizer.allows(kind, access, segment):
        raise denied(kind, access, segment, accessor_id=accessor_id)


def denied(kind: RuleKind, access: Access, segment: str = "", *, accessor_id: str) -> DeniedError:
    lacking = f"lacks permission {permission(kind, access, segment)}"
    if accessor_id == ANONYMOUS_TOKEN:
        return DeniedError(
            f"Permission denied: anonymous token {lacking}. The anonymous token is used"
            " implicitly when a request does not specify a token."
        )
    return DeniedError(f"Permission denied: token with AccessorID '{accessor_id}' {lacking}")


def permission(kind: RuleKind, access: Access, segment: str = "") -> str:
    named = f"'{kind}:{access.word}'"
    return named if kind in UNSEGMENTED else f'{named} on "{segment}"'
