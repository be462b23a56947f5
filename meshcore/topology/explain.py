"""Why a call is allowed or denied, and which intention comes nearest to deciding otherwise.

Worked example: web asks api for GET /users, and web -> api allows GET /health alone, by default
everything is denied. The verdict is deny by default; tried was permission 1 of that intention; and
nearest is the same permission, which misses one thing: the path.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter

import msgspec

from meshcore.intentions.paths import normalized
from meshcore.intentions.precedence import ordered
from meshcore.intentions.requests import Unmet, unmet_conditions
from meshcore.intentions.types import WILDCARD, Intention, Permission, Request, RequestMatch
from meshcore.intentions.verdict import Verdict, callers, verdict
from meshcore.lib.errors import InvalidError
from meshcore.mesh.types import Mesh
from meshcore.topology.graph import deciding
from meshcore.topology.types import Deciding, EdgeVerdict

ANY_REQUEST = RequestMatch()
WOULD = {
    "allow": "would allow it",
    "deny": "would deny it",
    "conditional": "would decide it by the request",
}


MayRead = Callable[[Intention], bool]


def anything(_intention: Intention) -> bool:
    return True


class TriedIntention(msgspec.Struct, frozen=True):
    """`permission` is its place among the intention's, from 0."""

    intention: Deciding
    permission: int | None
    why: str


class Candidate(msgspec.Struct, frozen=True):
    """An intention, or one of its permissions, with what keeps it from deciding the call."""

    intention: Deciding
    permission: int | None
    verdict: EdgeVerdict
    unmet: tuple[Unmet, ...]


class Nearest(Candidate, frozen=True):
    """What would have decided otherwise, but for the fewest conditions; also in one sentence."""

    words: str


class Call(msgspec.Struct, frozen=True):
    source: str
    destination: str
    request: Request | None
    is_http: bool


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Without a request the verdict on intentions that look at requests is conditional."""

    source: str
    destination: str
    protocol: str
    verdict: EdgeVerdict
    by_default: bool
    reason: str
    intention: Deciding | None
    permission: int | None
    tried: tuple[TriedIntention, ...]
    nearest: Nearest | None


def explain(
    mesh: Mesh,
    source: str,
    destination: str,
    *,
    request: Request | None,
    default_allow: bool,
    may_read: MayRead = anything,
) -> Explanation:
    """What decides is for anybody who may ask about this call; what else there is, may be not."""
    require_named(source=source, destination=destination)
    covering = mesh.intentions.covering(destination)
    is_http = mesh.config_entries.speaks_http(destination)
    found = verdict(
        covering,
        source=source,
        destination=destination,
        request=request,
        is_http=is_http,
        default_allow=default_allow,
    )
    said = in_a_word(found, request, is_http=is_http)
    call = Call(source, destination, as_envoy_sees(request), is_http)
    return Explanation(
        source=source,
        destination=destination,
        protocol=mesh.config_entries.protocol(destination),
        verdict=said,
        by_default=found.by_default,
        reason=found.reason,
        intention=deciding(found.intention) if found.intention else None,
        permission=found.permission,
        tried=tuple(
            TriedIntention(deciding(each.intention), each.permission, each.why)
            for each in found.tried
            if may_read(each.intention)
        ),
        nearest=nearest(ordered(filter(may_read, covering)), call, found, said),
    )


def require_named(**ends: str) -> None:
    for end, name in ends.items():
        if not name or name == WILDCARD:
            raise InvalidError(f"{end} must be the name of one service")


def in_a_word(found: Verdict, request: Request | None, *, is_http: bool) -> EdgeVerdict:
    if request is None and is_http and found.intention and found.intention.permissions:
        return "conditional"
    return "allow" if found.allowed else "deny"


def as_envoy_sees(request: Request | None) -> Request | None:
    if request is None:
        return None
    try:
        return msgspec.structs.replace(request, path=normalized(request.path))
    except InvalidError:
        return None


def nearest(
    intentions: Sequence[Intention], call: Call, found: Verdict, said: EdgeVerdict
) -> Nearest | None:
    """Among equals the one that is about the same caller, then the one of higher precedence."""
    is_refused = found.intention is None and not found.by_default
    if said == "conditional" or is_refused:
        return None
    decided = found.intention and (deciding(found.intention), found.permission)
    others = [
        each
        for each in candidates(intentions, call)
        if each.verdict != said and (each.intention, each.permission) != decided
    ]
    if not others:
        return None
    near = min(others, key=distance)
    return Nearest(near.intention, near.permission, near.verdict, near.unmet, in_words(near))


def in_words(near: Candidate) -> str:
    which = f"permission {near.permission + 1} of " if near.permission is not None else ""
    title = f"{which}the intention from {near.intention.source} to {near.intention.destination}"
    return f"{title} {WOULD[near.verdict]}, but {' and '.join(each.why for each in near.unmet)}"


def distance(candidate: Candidate) -> tuple[int, bool]:
    return len(candidate.unmet), any(each.field == "source" for each in candidate.unmet)


def candidates(intentions: Sequence[Intention], call: Call) -> Iterator[Candidate]:
    earliest: dict[str, tuple[int, Intention]] = {}  # by source, of those that were looked at
    for place, intention in enumerate(intentions):
        apart = (*of_the_caller(intention, call), *of_precedence(earliest, call, intention))
        if not intention.source_peer:
            earliest.setdefault(intention.source, (place, intention))
        which = deciding(intention)
        if not intention.permissions:
            assert intention.action is not None
            yield Candidate(which, None, intention.action, apart)
        elif call.is_http and call.request is None:
            yield Candidate(which, None, "conditional", apart)
        else:
            for index, permission in enumerate(intention.permissions):
                unmet = tuple(of_the_request(intention, index, call))
                yield Candidate(which, index, permission.action, (*apart, *unmet))


def of_the_caller(intention: Intention, call: Call) -> Iterator[Unmet]:
    if intention.source_peer:
        yield Unmet("source", f"it is about calls of {callers(intention)}")
    elif intention.source not in (call.source, WILDCARD):
        yield Unmet("source", f"the source is {call.source}, not {intention.source}")


def of_precedence(
    earliest: Mapping[str, tuple[int, Intention]], call: Call, intention: Intention
) -> Iterator[Unmet]:
    """What would decide in its place even if it were about this caller."""
    source = call.source if intention.source == WILDCARD else intention.source
    covering = [earliest[name] for name in (source, WILDCARD) if name in earliest]
    if covering:
        _, other = min(covering, key=itemgetter(0))
        title = f"the intention from {other.source} to {other.destination}"
        yield Unmet("precedence", f"{title} is more exact")


def of_the_request(intention: Intention, index: int, call: Call) -> Iterator[Unmet]:
    if not call.is_http:
        yield Unmet("protocol", f"{call.destination} speaks tcp, and permissions need HTTP")
    if call.request is None:
        return
    for place, earlier in enumerate(intention.permissions[:index]):
        if not any(missing(earlier, call.request)):
            yield Unmet("order", f"permission {place + 1} stands before it")
            break
    yield from missing(intention.permissions[index], call.request)


def missing(permission: Permission, request: Request) -> Iterator[Unmet]:
    return unmet_conditions(permission.http or ANY_REQUEST, request)
