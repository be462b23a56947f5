"""A server with ACLs on and default deny, and those who ask it."""

from typing import Any

from msgspec.structs import replace

from meshcore.consul_api import app
from meshcore.consul_api.context import Context
from tests.consul_api.calling import Consul, Reply
from tests.store.calling import callers

ADMIN = "aaaaaaaa-0000-4000-8000-000000000001"  # the secret of the bootstrap token


def with_acls(context: Context) -> Context:
    store = context.store
    return replace(context, callers=callers(store, is_enabled=True, default_allow=False))


def bootstrapped(consul: Consul) -> Consul:
    asking = Consul(consul.runner, app.create(with_acls(consul.context)))
    assert asking.put("/v1/acl/bootstrap", {"BootstrapSecret": ADMIN}).status == 200
    return asking


def ask(consul: Consul, method: str, target: str, body: object = None, *, secret: str) -> Reply:
    return consul.ask(method, target, body, {"x-consul-token": secret} if secret else {})


def made(consul: Consul, target: str, body: object) -> Any:  # noqa: ANN401 any JSON
    """What the administrator makes, as the server answers it."""
    reply = ask(consul, "PUT", target, body, secret=ADMIN)
    assert reply.status == 200, reply.text
    return reply.json
