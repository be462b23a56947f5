"""A node with an agent is alive while the agent says so."""

from pathlib import Path

import pytest

from tests.agent.processes import Server, agent
from tests.e2e.envoys import eventually

MISSED_WITHIN_S = 40.0


def test_a_node_that_is_taken_off_the_catalog_comes_back(server: Server, tmp_path: Path) -> None:
    node = "alive"
    with agent(tmp_path, server, files={"web.hcl": 'service { name = "web" }'}, node=node) as own:
        own.until(lambda: server.liveness_of(node) == "passing", "it is alive")
        server.put("/v1/catalog/deregister", {"Node": node})
        own.until(lambda: server.liveness_of(node) == "passing", "it is alive again")
        own.until(lambda: server.services_on(node) == {"web": 0}, "and has its service")


@pytest.mark.slow
def test_a_node_is_critical_once_its_agent_is_gone(server: Server, tmp_path: Path) -> None:
    node = "gone"
    with agent(tmp_path, server, node=node) as own:
        own.until(lambda: server.liveness_of(node) == "passing", "it is alive")
        own.process.kill()
        is_missed = lambda: server.liveness_of(node) == "critical"  # noqa: E731
        eventually(is_missed, "it is missed", within_s=MISSED_WITHIN_S)
