"""Authorizers that were compiled once, for all who have the same grants."""

from collections import OrderedDict
from threading import Lock

from meshcore.acl.authorizer import Authorizer, compiled
from meshcore.acl.resolution import Grants, grants, rule_sets
from meshcore.acl.types import Token
from meshcore.acl.view import Acl

MOST = 10_000  # sets of grants; the one that was not asked for longest gives way


class Authorizers:
    """A token's authorizer costs one look-up until something changes in the ACL.

    After a change the token's grants are looked at again, and only if they differ are rules
    compiled: a login that makes a token disturbs none of the others.
    """

    def __init__(self, *, default_allow: bool, datacenter: str) -> None:
        self._default_allow = default_allow
        self._datacenter = datacenter
        self._by_grants: OrderedDict[Grants, Authorizer] = OrderedDict()
        self._compiling = Lock()
        # One reference, so that a thread that still reads the older ACL cannot put what that
        # allowed among what the newer one does.
        self._latest: tuple[Acl, dict[str, Authorizer]] = (Acl(), {})

    def of(self, token: Token, acl: Acl) -> Authorizer:
        """`token` is the one that `acl` holds; whoever asks has seen that it is not expired."""
        latest, by_accessor = self._latest
        if acl is not latest:
            by_accessor = {}
            self._latest = acl, by_accessor
        known = by_accessor.get(token.accessor_id)
        if known is None:
            with self._compiling:
                known = by_accessor[token.accessor_id] = self._granted(token, acl)
        return known

    def _granted(self, token: Token, acl: Acl) -> Authorizer:
        granted = grants(token, acl, datacenter=self._datacenter)
        authorizer = self._by_grants.get(granted)
        if authorizer is None:
            authorizer = compiled(rule_sets(granted, acl), default_allow=self._default_allow)
            self._by_grants[granted] = authorizer
            if len(self._by_grants) > MOST:
                self._by_grants.popitem(last=False)
        self._by_grants.move_to_end(granted)
        return authorizer
