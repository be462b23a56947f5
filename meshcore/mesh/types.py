"""The mesh: everything that is known, at one change index, as one immutable value."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec
from immutables import Map

from meshcore.acl.types import AuthMethod, BindingRule, Bootstrap, Policy, Role, Token
from meshcore.acl.view import Acl
from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.certificates.view import Certificates
from meshcore.config_entries.types import ConfigEntry
from meshcore.config_entries.view import ConfigEntries
from meshcore.intentions.types import ServiceIntentions
from meshcore.intentions.view import Intentions
from meshcore.mesh.places import Place, Places
from meshcore.registry.types import Check, Instance, Node
from meshcore.registry.view import Registry

AclValue = Token | Policy | Role | AuthMethod | BindingRule | Bootstrap
ConfiguredValue = ConfigEntry | ServiceIntentions | Place
Value = Node | Instance | Check | ConfiguredValue | Trust | Root | Leaf | AclValue
Key = tuple[str, ...]
WatchKey = tuple[str, str]


class Topic(StrEnum):
    """What a change is about, with the parts of its key."""

    NODE = "node"  # name
    INSTANCE = "instance"  # node, service id
    CHECK = "check"  # node, check id
    CONFIG_ENTRY = "config-entry"  # kind, name
    INTENTIONS = "intentions"  # destination
    TRUST = "trust"  # no parts: there is one
    ROOT = "root"  # id
    LEAF = "leaf"  # what it was issued to
    TOKEN = "acl-token"  # noqa: S105 - accessor id
    POLICY = "acl-policy"  # id
    ROLE = "acl-role"  # id
    AUTH_METHOD = "acl-auth-method"  # name
    BINDING_RULE = "acl-binding-rule"  # id
    BOOTSTRAP = "acl-bootstrap"  # no parts: it happens once, or after a reset
    PLACE = "place"  # service


class Change(msgspec.Struct, frozen=True):
    """One value as it was and as it is; None where there was or is none."""

    topic: Topic
    key: Key
    before: Value | None
    after: Value | None


class Mesh(msgspec.Struct, frozen=True):
    """One consistent moment; whoever holds it is not disturbed by later writes.

    `touched` tells when what a watch key stands for last changed; a key that is not in it has not
    changed since `floor`, the index at which this process began.
    """

    index: int = 0
    floor: int = 0
    touched: Map[WatchKey, int] = Map()
    registry: Registry = Registry()
    config_entries: ConfigEntries = ConfigEntries()
    intentions: Intentions = Intentions()
    certificates: Certificates = Certificates()
    acl: Acl = Acl()
    places: Places = Places()

    def touched_at(self, watch_keys: Iterable[WatchKey]) -> int:
        """The index of the last change that concerns any of these."""
        return max((self.touched.get(key, self.floor) for key in watch_keys), default=self.floor)

    def is_touched(self, watch_keys: Iterable[WatchKey], *, after: int) -> bool:
        """Tell `touched_at(...) > after`, quickly: thousands of waiters ask it at once."""
        for key in watch_keys:  # noqa: SIM110 any() with a generator takes three times as long
            if self.touched.get(key, self.floor) > after:
                return True
        return False

    def changed_since(self, index: int, watch_keys: Iterable[WatchKey]) -> Iterator[WatchKey]:
        return (key for key in watch_keys if self.touched.get(key, self.floor) > index)
