"""`tulle acl policy`, `role` and `templated-policy` against a real server."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tulle

RULES = """service "web" {
  policy = "write"
}
"""
BROKEN = """service "web" {
  policy = "write"
}
service "api" {
  policy = "wriet"
}
"""


def test_rules_come_from_a_file_from_standard_input_or_the_command_line(
    tulle: Tulle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "web.hcl").write_text(RULES)
    create = ("acl", "policy", "create", "--rules")
    made = tulle(*create, "web.hcl", "--name", "file", "--description", "of a file")
    assert made.out.endswith(f"Rules:\n{RULES}")
    monkeypatch.setattr("sys.stdin", io.StringIO(RULES))
    assert tulle(*create, "-", "--name", "stdin").out.endswith(f"Rules:\n{RULES}")
    assert tulle(*create, RULES, "--name", "typed").out.endswith(f"Rules:\n{RULES}")
    as_json = '{"service":{"web":{"policy":"write"}}}'
    assert tulle(*create, as_json, "--name", "json").code == 0
    listed = json.loads(tulle("acl", "policy", "list", "--json").out)
    assert {"file", "stdin", "typed", "json"} <= {policy["Name"] for policy in listed}


@pytest.mark.parametrize("place", ["web.hcl", "standard input", "rules"])
def test_rules_that_do_not_parse_are_told_with_their_place_line_and_column(
    tulle: Tulle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "web.hcl").write_text(BROKEN)
    monkeypatch.setattr("sys.stdin", io.StringIO(BROKEN))
    typed = {"web.hcl": "web.hcl", "standard input": "-", "rules": BROKEN}[place]
    printed = tulle("acl", "policy", "create", "--name", "web", "--rules", typed)
    assert (printed.out, printed.code) == ("", 2)
    assert f"{place}:5:" in printed.err
    assert "wriet" in printed.err


def test_a_policy_is_read_changed_and_deleted_by_its_name_or_id(tulle: Tulle) -> None:
    made = tulle("acl", "policy", "create", "--name", "web", "--rules", RULES, "--json")
    policy = json.loads(made.out)
    by_id = tulle("acl", "policy", "read", "--id", policy["ID"][:10])
    assert by_id == tulle("acl", "policy", "read", "--name", "web")
    assert by_id.out.endswith(f"Rules:\n{RULES}")
    update = ("acl", "policy", "update", "--id", policy["ID"], "--name", "shop")
    renamed = json.loads(tulle(*update, "--valid-datacenter", "dc1", "--json").out)
    assert (renamed["Name"], renamed["Rules"]) == ("shop", RULES)
    assert renamed["Datacenters"] == ["dc1"]
    assert tulle("acl", "policy", "delete", "--name", "shop").out == "Deleted policy: shop\n"
    gone = tulle("acl", "policy", "read", "--name", "shop")
    assert gone == ("", 'Error: no policy is called "shop"\n', 1)


def test_what_is_built_in_cannot_be_deleted(tulle: Tulle) -> None:
    refused = tulle("acl", "policy", "delete", "--name", "global-management")
    assert (refused.out, refused.code) == ("", 2)
    assert "Delete operation not permitted on the builtin" in refused.err


def test_a_role_is_made_changed_and_deleted(tulle: Tulle) -> None:
    tulle("acl", "policy", "create", "--name", "web", "--rules", RULES)
    words = ("--name", "shop", "--policy-name", "web", "--service-identity", "api")
    role = json.loads(tulle("acl", "role", "create", *words, "--json").out)
    read = tulle("acl", "role", "read", "--name", "shop")
    assert read == tulle("acl", "role", "read", "--id", role["ID"][:10])
    assert "Policies:\n" in read.out
    assert read.out.endswith("Service Identities:\n   api\n")
    changed = tulle("acl", "role", "update", "--name", "shop", "--service-identity", "")
    assert "Service Identities" not in changed.out
    assert "Policies:\n" in changed.out
    assert "policy web" in tulle("acl", "role", "list").out
    assert tulle("acl", "role", "delete", "--name", "shop").out == "Deleted role: shop\n"
    assert tulle("acl", "role", "list").err.startswith("No roles. Make one with:")
    unknown = tulle("acl", "role", "create", "--name", "shop", "--policy-name", "none")
    assert (unknown.out, unknown.code) == ("", 2)
    assert 'No such ACL policy with name "none"' in unknown.err


def test_templated_policies_are_shown_with_and_without_a_name(tulle: Tulle) -> None:
    assert "builtin/service" in tulle("acl", "templated-policy", "list").out
    read = tulle("acl", "templated-policy", "read", "--name", "builtin/service")
    assert 'service "{{.Name}}"' in read.out
    words = ("--name", "builtin/service", "--var", "name:web")
    assert 'service "web"' in tulle("acl", "templated-policy", "preview", *words).out
    unknown = tulle("acl", "templated-policy", "read", "--name", "builtin/none")
    assert unknown.code in (1, 2)
    assert "builtin/none" in unknown.err
