"""Verdicts on reading, kept by name: a list asks thousands of times about the same few names."""

from collections.abc import Mapping
from functools import lru_cache

from meshcore.acl.authorizer import Authorizer
from meshcore.acl.rules import Access, RuleKind

KEPT_AUTHORIZERS = 256
MOST_NAMES = 100_000  # of one kind; more than are registered are names that have gone


class Verdicts(dict[str, bool]):
    """May it be read? A name is looked up in the rules the first time, then as in any dict."""

    def __init__(self, authorizer: Authorizer, kind: RuleKind) -> None:
        super().__init__()
        self._authorizer = authorizer
        self._kind = kind

    def __missing__(self, name: str) -> bool:
        if len(self) >= MOST_NAMES:
            self.clear()
        verdict = self[name] = self._authorizer.allows(self._kind, Access.READ, name)
        return verdict


@lru_cache(maxsize=KEPT_AUTHORIZERS)
def readable(authorizer: Authorizer) -> Mapping[RuleKind, Verdicts]:
    return {kind: Verdicts(authorizer, kind) for kind in RuleKind}
