"""py-consul's ACL calls against a server on a real socket, with ACLs on and default deny."""

import socket
import threading
import time
from collections.abc import Iterator

import consul as py_consul  # type: ignore[import-untyped]  # it ships no types
import pytest
import uvicorn
from consul.exceptions import BadRequest  # type: ignore[import-untyped]

from meshcore.consul_api import app
from meshcore.consul_api.context import Context
from tests.consul_api.acl_server import with_acls
from tests.logins.providers import ec_key, public_pem, signed

RULES = {"service_prefix": {"": {"policy": "read"}}}


@pytest.fixture
def port(context: Context) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    application = app.create(with_acls(context))
    server = uvicorn.Server(
        uvicorn.Config(application, http="httptools", lifespan="off", log_config=None)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def client(port: int) -> Iterator[py_consul.Consul]:
    """Holds the token that it bootstrapped with."""
    with py_consul.Consul(host="127.0.0.1", port=port) as stranger:
        secret = stranger.acl.bootstrap()["ID"]
        with pytest.raises(py_consul.ACLPermissionDenied, match="no longer allowed"):
            stranger.acl.bootstrap()
    with py_consul.Consul(host="127.0.0.1", port=port, token=secret) as client:
        yield client


def test_policies_and_roles(client: py_consul.Consul) -> None:
    policy = client.acl.policy.create("read", rules=RULES, description="reads services")
    assert client.acl.policy.read(policy["ID"]) == policy
    updated = client.acl.policy.update(policy["ID"], "read-all", rules=RULES)
    assert updated["Name"] == "read-all"
    assert "read-all" in [each["Name"] for each in client.acl.policy.list()]
    role = client.acl.role.create(
        "readers", policies_name=["read-all"], service_identities=[{"ServiceName": "web"}]
    )
    assert client.acl.role.read_by_name("readers") == client.acl.role.read(role["ID"]) == role
    assert client.acl.role.list(policy=policy["ID"]) == [role]
    assert client.acl.role.update(role["ID"], "watchers")["Name"] == "watchers"
    assert client.acl.role.delete(role["ID"])
    assert client.acl.role.read(role["ID"]) is None
    assert client.acl.policy.delete(policy["ID"])
    assert client.acl.policy.read(policy["ID"]) is None


def test_tokens(client: py_consul.Consul, port: int) -> None:
    client.acl.policy.create("read", rules=RULES)
    tokens = client.acl.token
    token = tokens.create(
        policies_name=["read"],
        service_identities=[{"ServiceName": "web"}],
        node_identities=["node-1:dc1"],
        templated_policies=[{"builtin/service": {"Name": "api"}}],
        expiration_ttl="1h",
        description="web's",
    )
    assert tokens.read(token["AccessorID"]) == token
    assert tokens.read_self(token=token["SecretID"]) == token
    assert [each["AccessorID"] for each in tokens.list(servicename="web")] == [token["AccessorID"]]
    updated = tokens.update(token["AccessorID"], description="nobody's")
    assert (updated["Description"], "Policies" in updated) == ("nobody's", False)
    clone = tokens.clone(token["AccessorID"], description="its twin")
    assert clone["SecretID"] != token["SecretID"]
    assert tokens.delete(clone["AccessorID"])
    with pytest.raises(py_consul.ACLPermissionDenied, match="ACL not found"):
        tokens.read_self(token=clone["SecretID"])
    with pytest.raises(py_consul.ACLPermissionDenied, match="lacks permission 'acl:read'"):
        tokens.list(token=token["SecretID"])
    with pytest.raises(BadRequest, match='No such ACL policy with name "write"'):
        tokens.create(policies_name=["write"])


def test_templated_policies(client: py_consul.Consul) -> None:
    templates = client.acl.templated_policy
    assert templates.list()["builtin/dns"] == templates.read("builtin/dns")
    assert 'service "web"' in templates.preview("builtin/service", {"Name": "web"})["Rules"]


def test_auth_methods_binding_rules_and_logins(client: py_consul.Consul, port: int) -> None:
    key = ec_key()
    config = {"JWTValidationPubKeys": [public_pem(key)], "ClaimMappings": {"service": "service"}}
    methods, rules = client.acl.auth_method, client.acl.binding_rule
    method = methods.create("ci", "jwt", description="builds", config=config, max_token_ttl="5m")
    assert methods.read("ci") == method
    assert [each["Name"] for each in methods.list()] == ["ci"]
    updated = methods.update("ci", "jwt", description="deploys", config=config, max_token_ttl="5m")
    assert (updated["Description"], updated["Config"]) == ("deploys", method["Config"])
    rule = rules.create("ci", "service", "ci", selector="value.service == web")
    assert rules.read(rule["ID"]) == rule
    changed = rules.update(rule["ID"], "ci", "service", "${value.service}")
    assert rules.list(auth_method="ci") == [changed]
    with py_consul.Consul(host="127.0.0.1", port=port) as stranger:
        bearer = signed({"service": "web", "exp": time.time() + 60}, key)
        token = stranger.acl.login("ci", bearer, meta={"pod": "web-1"})
        assert token["ServiceIdentities"] == [{"ServiceName": "web"}]
        with pytest.raises(py_consul.ACLPermissionDenied, match="Permission denied"):
            stranger.acl.login("ci", signed({"service": "web", "exp": 1}, key))
        own = [each["AccessorID"] for each in client.acl.token.list(authmethod="ci")]
        assert own == [token["AccessorID"]]
        assert stranger.acl.logout(token["SecretID"])
        with pytest.raises(py_consul.ACLPermissionDenied, match="ACL not found"):
            stranger.acl.token.read_self(token=token["SecretID"])
    assert rules.delete(rule["ID"])
    assert rules.list() == []
    assert methods.delete("ci")
    assert methods.read("ci") is None
