"""What files define is in the catalog, and stays there."""

import signal
from pathlib import Path

from tests.agent.processes import Server, agent

WEB = 'service { name = "web"  port = 80 }'


def test_files_are_registered_changed_kept_when_broken_and_taken(
    server: Server, tmp_path: Path
) -> None:
    node = "files"
    with agent(tmp_path, server, files={"web.hcl": WEB}, node=node) as own:
        own.until(lambda: server.services_on(node) == {"web": 80}, "web is registered")
        own.define("web.hcl", 'service { name = "web"  port = 81 }')
        own.process.send_signal(signal.SIGHUP)  # as Consul's operators do; it needs none
        own.until(lambda: server.services_on(node) == {"web": 81}, "its port is changed")
        own.define("web.hcl", 'service {\n name = "web"\n port = }')
        own.define("db.hcl", 'service { name = "db"  port = 5432 }')
        both = {"web": 81, "db": 5432}
        own.until(lambda: server.services_on(node) == both, "a broken file keeps the rest")
        assert own.has_said("web.hcl:3:9: a value expected, but here is }; what it defined")
        (own.definitions / "web.hcl").unlink()
        own.until(lambda: server.services_on(node) == {"db": 5432}, "web is taken")


def test_an_agent_that_starts_again_writes_nothing(server: Server, tmp_path: Path) -> None:
    node = "again"
    definition = 'service { name = "web" port = 80 connect { sidecar_service {} } }'
    with agent(tmp_path, server, files={"web.hcl": definition}, node=node) as own:
        own.until(lambda: len(server.services_on(node)) == 2, "web and its sidecar")
        own.stop()
        before = server.get(f"/v1/catalog/node-services/{node}")
        server.put("/v1/catalog/register", {"Node": node, "SkipNodeUpdate": True, **THEIRS})
        own.start()
        own.until(lambda: len(server.services_on(node)) == 2, "what is not wanted goes")
        assert server.get(f"/v1/catalog/node-services/{node}") == before
        assert own.stop() == 0


THEIRS = {"Address": "127.0.0.1", "Service": {"Service": "theirs", "Port": 1}}


def test_what_a_token_may_not_write_is_said_and_keeps_nothing_else(
    server: Server, tmp_path: Path
) -> None:
    node = "denied"
    rules = f'node "{node}" {{ policy = "write" }} service "web" {{ policy = "write" }}'
    server.put("/v1/acl/policy", {"Name": node, "Rules": rules})
    made = server.put("/v1/acl/token", {"Policies": [{"Name": node}]})
    definitions = {"web.hcl": WEB, "db.hcl": 'service { name = "db" }'}
    token = tmp_path / "own-token"
    token.write_text(made["SecretID"])
    words = ("--token-file", str(token))
    with agent(tmp_path, server, files=definitions, node=node, words=words) as own:
        own.until(lambda: server.services_on(node) == {"web": 80}, "web is registered")
        own.until(lambda: own.has_said("registering service db: "), "db is refused")
