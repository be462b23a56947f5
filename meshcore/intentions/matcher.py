"""All that decides calls to one destination, as a tree that Envoy's RBAC matcher can walk.

Worked example. The intentions

    web -> db     GET /health allow, anything else under /admin deny       (rank 9, revision 7)
    *   -> db     deny                                                     (rank 8, revision 5)

with a default policy of allow, and db speaking HTTP, are

    BySource
        web:        InOrder
                        GET /health     allow  web>db@7#0
                        /admin...       deny   web>db@7#1
                        otherwise       allow  web>db@7#none
        otherwise:  deny  *>db@5

The first branch that holds decides, as in `verdict`; a test walks both on random intentions.
Whoever renders a RequestMatch for Envoy keeps to what `requests.unmet` says of it: paths are
compared without the query string, and an inverted value wants the header to be there.
"""

from collections.abc import Iterable

import msgspec

from meshcore.intentions.leaves import (
    Leaf,
    by_action,
    by_default,
    by_no_permission,
    by_permission,
    without_http,
)
from meshcore.intentions.precedence import covers, ordered
from meshcore.intentions.types import WILDCARD, Intention, RequestMatch

ANY_REQUEST = RequestMatch()


class Branch(msgspec.Struct, frozen=True):
    when: RequestMatch  # never the one that holds for any request
    then: Leaf


class InOrder(msgspec.Struct, frozen=True):
    branches: tuple[Branch, ...]  # at least one
    otherwise: Leaf


Decision = Leaf | InOrder


class BySource(msgspec.Struct, frozen=True):
    sources: dict[str, Decision]  # at least one, none of them *, in the order of their names
    otherwise: Decision


Tree = BySource | InOrder | Leaf


def tree(
    intentions: Iterable[Intention], *, destination: str, is_http: bool, default_allow: bool
) -> Tree:
    """Take the intentions that cover the destination, as `Intentions.covering` gives them."""
    decisions: dict[str, Decision] = {}
    otherwise: Decision | None = None
    for intention in ordered(intentions):
        if not covers(intention, source=intention.source, destination=destination):
            continue
        if intention.source == WILDCARD:
            # Every source that has not been met by now is decided here.
            otherwise = decision(intention, is_http=is_http, default_allow=default_allow)
            break
        if intention.source not in decisions:
            decisions[intention.source] = decision(
                intention, is_http=is_http, default_allow=default_allow
            )
    if otherwise is None:
        otherwise = by_default(destination, default_allow=default_allow)
    return BySource(dict(sorted(decisions.items())), otherwise) if decisions else otherwise


def decision(intention: Intention, *, is_http: bool, default_allow: bool) -> Decision:
    if not intention.permissions:
        return by_action(intention)
    if not is_http:
        return without_http(intention)
    branches: list[Branch] = []
    otherwise = by_no_permission(intention, default_allow=default_allow)
    for index, permission in enumerate(intention.permissions):
        leaf = by_permission(intention, index)
        if permission.http in (None, ANY_REQUEST):
            otherwise = leaf  # what stands after it is never reached
            break
        assert permission.http is not None
        branches.append(Branch(permission.http, leaf))
    return InOrder(tuple(branches), otherwise) if branches else otherwise
