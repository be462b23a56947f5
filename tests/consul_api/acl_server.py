"""A server with ACLs on and default deny, and those who ask it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from meshcore.consul_api import app
from meshcore.consul_api.context import Context
from tests.consul_api.calling import Consul, Reply
from tests.store.calling import callers, real_time

ADMIN = "aaaaaaaa-0000-4000-8000-000000000001"  # the secret of the bootstrap token
ANONYMOUS_NOTE = ". The anonymous token is used implicitly when a request does not specify a token."


class Clock:
    """The time by which tokens expire."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def with_acls(context: Context, *, now: Callable[[], datetime] = real_time) -> Context:
    store = context.store
    return replace(context, callers=callers(store, is_enabled=True, default_allow=False, now=now))


def bootstrapped(consul: Consul, *, now: Callable[[], datetime] = real_time) -> Consul:
    asking = Consul(consul.runner, app.create(with_acls(consul.context, now=now)))
    assert asking.put("/v1/acl/bootstrap", {"BootstrapSecret": ADMIN}).status == 200
    return asking


def ask(consul: Consul, method: str, target: str, body: object = None, *, secret: str) -> Reply:
    return consul.ask(method, target, body, {"x-consul-token": secret} if secret else {})


def made(consul: Consul, target: str, body: object) -> Any:  # noqa: ANN401 any JSON
    """What the administrator makes, as the server answers it."""
    reply = ask(consul, "PUT", target, body, secret=ADMIN)
    assert reply.status == 200, reply.text
    return reply.json if reply.body else None


def token_with(consul: Consul, rules: str, **fields: object) -> Any:  # noqa: ANN401 any JSON
    """A token with a policy of its own, which is no secret's to be compared."""
    name = f"policy-{consul.context.store.mesh.index}"
    policy = made(consul, "/v1/acl/policy", {"Name": name, "Rules": rules})
    return made(consul, "/v1/acl/token", {"Policies": [{"ID": policy["ID"]}], **fields})


def denial(lacking: str, *, accessor_id: str = "") -> str:
    """Consul's words; without an accessor for the anonymous token."""
    if accessor_id:
        return f"Permission denied: token with AccessorID '{accessor_id}' lacks {lacking}"
    return f"Permission denied: anonymous token lacks {lacking}{ANONYMOUS_NOTE}"
