"""What the tests of undo write, and a log that they write it to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from meshcore.acl.types import (
    AuthMethod,
    BindingRule,
    JwtConfig,
    Policy,
    Token,
)
from meshcore.actions import acl_grants, checks, config_entries, intentions
from meshcore.actions import registry as actions
from meshcore.actions.undo import undo
from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import Intention, Permission, RequestMatch, ServiceIntentions
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic, Value
from meshcore.registry.types import Check, Instance, Node
from meshcore.store.types import Action

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
NODE = Node(name="node-1", address="10.0.0.1", id="11111111-1111-4111-8111-111111111111")
WEB = Instance(node="node-1", id="web-1", service="web", port=80)
HTTP = Check(node="node-1", id="http", name="http", service_id="web-1", service="web")
ALLOW = Intention(source="web", destination="db", action="allow")
DENY = Intention(source="web", destination="db", action="deny")
L7 = Intention(
    source="web",
    destination="db",
    permissions=(Permission(action="allow", http=RequestMatch(path_prefix="/")),),
)
SPEAKS_HTTP = ServiceDefaults(name="db", protocol="http")
TOKEN = Token(
    accessor_id="11111111-1111-4111-8111-111111111112",
    secret_hash="hash",
    sealed_secret=b"",
    created_at=NOON,
)
OPS = Policy(id="11111111-1111-4111-8111-111111111113", name="ops")
JWT = AuthMethod(name="ci", config=JwtConfig(jwks_url="https://keys.example/jwks"))
RULE = BindingRule(id="rule", auth_method="ci", bind_type="service", bind_name="web")


class Log:
    """A mesh, and what each of its entries changed."""

    def __init__(self) -> None:
        self.mesh = Mesh()
        self.entries: list[Sequence[Change]] = []

    def do(self, *steps: Action) -> "Log":
        for action in steps:
            changes = tuple(action(self.mesh))
            assert changes
            self.mesh = apply(self.mesh, changes, index=self.mesh.index + 1)
            self.entries.append(changes)
        return self

    def undo(self, entry: int = -1, *, by: str = "") -> "Log":
        changes = self.entries[entry]
        return self.do(lambda mesh: undo(mesh, changes, now=LATER, by=by))


def put(intention: Intention) -> Action:
    return partial(intentions.upsert, intention=intention, now=NOON)


def policy(made: Policy) -> Action:
    return partial(acl_grants.create_policy, policy=made)


def token(made: Token) -> Action:
    return lambda _mesh: [Change(Topic.TOKEN, (made.accessor_id,), None, made)]


def write(topic: Topic, *key: str, after: Value | None, before: Value | None = None) -> Action:
    return lambda _mesh: [Change(topic, key, before, after)]


node = partial(actions.register_node, node=NODE)
web = partial(actions.register, node=NODE, instance=WEB, checks=[HTTP])
speaks_http = partial(config_entries.put, entry=SPEAKS_HTTP)
deregister = partial(actions.deregister_service, node="node-1", service_id="web-1")
maintain = partial(
    checks.set_maintenance, node="node-1", service_id="web-1", is_enabled=True, reason="new disk"
)
fail = partial(
    checks.set_check_status, node="node-1", check_id="http", status="passing", output="200"
)
deny_anybody = put(msgspec.structs.replace(DENY, source="*"))


def applied(*entries: ServiceDefaults | ServiceIntentions) -> Action:
    return partial(config_entries.apply, entries=entries, now=NOON)


def toward_db(*those: Intention) -> ServiceIntentions:
    return ServiceIntentions(destination="db", intentions=those)


def values(mesh: Mesh) -> dict[str, object]:
    """All that is there, without the indexes at which it came."""
    entries = mesh.config_entries.entries
    return {
        "nodes": {key: r.value for key, r in mesh.registry.nodes.items()},
        "instances": {key: r.value for key, r in mesh.registry.instances.items()},
        "checks": {key: r.value for key, r in mesh.registry.checks.items()},
        "entries": {key: r.value for key, r in entries.items()},
        "intentions": {
            key: [(i.source, i.action, i.permissions) for i in r.value.intentions]
            for key, r in mesh.intentions.by_destination.items()
        },
        "tokens": {key: r.value for key, r in mesh.acl.tokens.items()},
        "policies": {key: r.value for key, r in mesh.acl.policies.items()},
        "methods": {key: r.value for key, r in mesh.acl.auth_methods.items()},
        "rules": {key: r.value for key, r in mesh.acl.binding_rules.items()},
    }
