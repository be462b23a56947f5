"""Scripts as checks."""

import asyncio
import os
from pathlib import Path

import pytest

from meshcore.agent import script
from meshcore.probes.types import Outcome
from tests.e2e.envoys import eventually


def run(text: str, *, timeout_s: float = 10, output_limit: int = 4096) -> Outcome:
    args = ("/bin/sh", "-c", text)
    return asyncio.run(script.probe(args, timeout_s=timeout_s, output_limit=output_limit))


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("echo well", Outcome("passing", "well\n")),
        ("echo so-so >&2; exit 1", Outcome("warning", "so-so\n")),
        ("exit 2", Outcome("critical", "")),
        ("kill -9 $$", Outcome("critical", "")),
    ],
)
def test_the_exit_code_is_the_status(text: str, outcome: Outcome) -> None:
    assert run(text) == outcome


def test_the_end_of_a_long_output_is_kept() -> None:
    assert run("printf %s abcdefghij", output_limit=4) == Outcome(
        "passing", "Captured 4 of 10 bytes\n...\nghij"
    )


def test_a_program_that_is_not_there_is_critical() -> None:
    outcome = asyncio.run(script.probe(["/no/such/program"]))
    assert outcome.status == "critical"
    assert outcome.output.startswith("/no/such/program cannot be run: ")


def test_all_that_a_script_has_started_ends_with_its_time(tmp_path: Path) -> None:
    child = tmp_path / "child"
    outcome = run(f"sleep 1000 & echo $! > {child}; echo begun; wait", timeout_s=0.5)
    assert outcome == Outcome("critical", "Timed out (0.5s) running check\nbegun\n")
    eventually(lambda: not is_running(int(child.read_text())), "the child has ended")


def test_an_output_that_a_child_holds_open_delays_nothing() -> None:
    assert run("sleep 3 & echo done") == Outcome("passing", "done\n")


def test_no_token_is_handed_on() -> None:
    environ = {**os.environ, "TULLE_ACL_AGENT_TOKEN": "secret", "CONSUL_HTTP_TOKEN": "secret"}
    outcome = asyncio.run(script.probe(["/usr/bin/env"], output_limit=100000, environ=environ))
    assert "secret" not in outcome.output


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
