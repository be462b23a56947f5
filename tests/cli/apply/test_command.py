import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker
from typer.testing import CliRunner, Result

from meshcore.cli.main import app
from meshcore.store.store import Store
from tests.rest_api.serving import served, stored

DEFAULTS = """\
apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceDefaults
metadata: {name: api}
spec: {protocol: http}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
"""
ALLOW = """\
apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceIntentions
metadata: {name: api}
spec:
  destination: {name: api}
  sources:
    - {name: web, action: allow}
"""


@pytest.fixture
def store(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Store]:
    with stored(tmp_path, django_db_blocker) as store:
        yield store


@pytest.fixture
def address(store: Store) -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("defaults.yaml").write_text(DEFAULTS)
    Path("allow.yaml").write_text(ALLOW)
    return tmp_path


def tulle(address: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--http-addr", address, "apply", *arguments])


PLAN = """\
+ service-defaults/api
    + Protocol: "http"
    + Meta.external-source: "kubernetes"
+ service-intentions/api
    + Sources[web].Action: "allow"
    + Meta.external-source: "kubernetes"
  Deployment/api is skipped: an object of Kubernetes itself, of no concern to the mesh
Plan: 2 to create, 0 to change, 0 unchanged, 1 skipped.
"""


@pytest.mark.usefixtures("folder")
def test_dry_run_stops_after_the_plan(address: str, store: Store) -> None:
    index = store.mesh.index
    done = tulle(address, "-f", "defaults.yaml", "allow.yaml", "--dry-run")
    assert (done.stdout, done.exit_code) == (PLAN + "Dry run: nothing was written.\n", 0)
    assert store.mesh.index == index


@pytest.mark.usefixtures("folder")
def test_apply_shows_the_plan_and_what_became_of_each_object(address: str) -> None:
    done = tulle(address, "-f", "defaults.yaml", "-f", "allow.yaml")
    outcomes = (
        "service-defaults/api created\nservice-intentions/api created\nDeployment/api skipped\n"
    )
    assert (done.stdout, done.exit_code) == (f"{PLAN}\n{outcomes}", 0)
    deny = ALLOW.replace("allow", "deny")
    Path("allow.yaml").write_text(deny)
    changed = tulle(address, "-f", "allow.yaml")
    assert changed.stdout.splitlines() == [
        "~ service-intentions/api",
        '    ~ Sources[web].Action: "allow" -> "deny"',
        "Plan: 0 to create, 1 to change, 0 unchanged, 0 skipped.",
        "",
        "service-intentions/api changed",
    ]


@pytest.mark.usefixtures("folder")
def test_json_is_the_plan_for_programs(address: str, store: Store) -> None:
    done = tulle(address, "-f", "allow.yaml", "--json")
    assert json.loads(done.stdout) == {
        "index": store.mesh.index,
        "dry_run": False,
        "skipped": [],
        "plan": [
            {
                "kind": "service-intentions",
                "name": "api",
                "outcome": "created",
                "differences": [
                    {"path": "Sources[web].Action", "before": None, "after": "allow"},
                    {"path": "Meta.external-source", "before": None, "after": "kubernetes"},
                ],
            }
        ],
        "lacking": [],
    }


@pytest.mark.usefixtures("folder")
def test_mistakes_are_told_before_the_server_is_asked() -> None:
    Path("allow.yaml").write_text(ALLOW.replace("action", "acton"))
    done = tulle("127.0.0.1:1", "-f", "defaults.yaml", "allow.yaml")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "allow.yaml: document 1, line 7: spec.sources[0].acton: "
        "unknown field; did you mean action?",
        "Error: 1 mistake; nothing was applied",
    ]


def test_no_path_is_a_bad_input() -> None:
    done = tulle("127.0.0.1:1")
    assert (done.exit_code, done.stderr) == (2, "Error: which files? tulle apply -f PATH...\n")
