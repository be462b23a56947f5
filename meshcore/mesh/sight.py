"""What of the mesh one caller is shown: rows that the caller may not read are left out of a list.

Worked example: a token may read service web and node-1. Of the instances of web, the one on node-1
is shown and the one on node-2 is not, because an instance's row tells of its node too. Whoever made
the list then finds `has_hidden` true, and says so to the holder of the token.
"""

from collections.abc import Iterable

from meshcore.acl.authorizer import Authorizer
from meshcore.acl.rules import Rule, RuleKind
from meshcore.acl.verdicts import readable
from meshcore.intentions.types import Intention
from meshcore.registry.types import Check, Instance


class Sight:
    """For one answer; ask about a row before anything that the request says decides on it.

    Else `has_hidden` would tell whether something hidden is as the request supposes.
    """

    __slots__ = ("_intentions", "_nodes", "_services", "_verdicts", "has_hidden")

    def __init__(self, authorizer: Authorizer) -> None:
        self._verdicts = readable(authorizer)
        self._nodes = self._verdicts[RuleKind.NODE]
        self._services = self._verdicts[RuleKind.SERVICE]
        self._intentions = self._verdicts[RuleKind.INTENTION]
        self.has_hidden = False

    def node(self, name: str) -> bool:
        return self._noted(self._nodes[name])

    def service(self, name: str) -> bool:
        return self._noted(self._services[name])

    def services(self, names: Iterable[str]) -> list[str]:
        """Those that are shown: in one go, for there may be thousands of them."""
        given, verdicts = list(names), self._services
        shown = [name for name in given if verdicts[name]]
        self._noted(len(shown) == len(given))
        return shown

    def instance(self, instance: Instance) -> bool:
        """As a row beside its node."""
        return self._noted(self._nodes[instance.node] and self._services[instance.service])

    def check(self, check: Check) -> bool:
        """As a row that names its node; a node's own check is about no service."""
        is_shown = not check.service_id or self._services[check.service]
        return self._noted(is_shown and self._nodes[check.node])

    def intention(self, intention: Intention) -> bool:
        """To either side, so that each can find out why a call does not work."""
        sides = self._intentions
        return self._noted(sides[intention.destination] or sides[intention.source])

    def all_of(self, rules: Iterable[Rule]) -> bool:
        """A row that takes these rules to read."""
        return self._noted(all(self._verdicts[rule.kind][rule.segment] for rule in rules))

    def _noted(self, is_shown: bool) -> bool:  # noqa: FBT001 it is handed through
        if not is_shown:
            self.has_hidden = True
        return is_shown
