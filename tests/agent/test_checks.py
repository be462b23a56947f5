"""Checks that the agent runs, as the catalog sees them."""

from pathlib import Path

from tests.agent.processes import Server, agent

SCRIPT = """
service {{
  name = "web"
  port = 80
  check {{
    id = "up"
    args = ["/bin/sh", "-c", "cat {state}; exit $(cat {state})"]
    interval = "1s"
  }}
  connect {{ sidecar_service {{ port = {port} }} }}
}}
"""


def test_a_script_flips_its_check_and_the_alias_of_the_sidecar(
    server: Server, tmp_path: Path
) -> None:
    node, state = "scripts", tmp_path / "state"
    state.write_text("0")
    port = int(server.address.rpartition(":")[2])  # something listens there
    files = {"web.hcl": SCRIPT.format(state=state, port=port)}
    words = ("--enable-local-script-checks",)
    with agent(tmp_path, server, files=files, node=node, words=words) as own:
        alias, listening = "service:web-sidecar-proxy:2", "service:web-sidecar-proxy:1"
        well = {"up": "passing", alias: "passing", listening: "passing"}
        own.until(lambda: server.checks_on(node) == well, "all is well")
        state.write_text("2")
        ill = {"up": "critical", alias: "critical", listening: "passing"}
        own.until(lambda: server.checks_on(node) == ill, "web and its alias are ill")


def test_scripts_are_off_unless_switched_on(server: Server, tmp_path: Path) -> None:
    files = {"web.hcl": SCRIPT.format(state="/dev/null", port=1)}
    with agent(tmp_path, server, files=files, node="no-scripts") as own:
        assert own.process.wait(timeout=20) == 1
        assert own.has_said("script checks are not run here")
