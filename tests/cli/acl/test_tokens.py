"""`tulle acl token` and `bootstrap` against a real server."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.cli.conftest import Server, Tulle
from tests.server.processes import environment, running

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def shown(text: str) -> dict[str, str]:
    """The lines `Name:  value` as they stand."""
    return dict(re.split(r":\s*", line, maxsplit=1) for line in text.splitlines() if ":" in line)


def made(tulle: Tulle, *words: str) -> Any:  # noqa: ANN401 any JSON
    printed = tulle("acl", "token", "create", *words, "--json")
    assert printed.code == 0, printed.err
    return json.loads(printed.out)


def test_a_new_token_is_shown_with_its_secret_which_gets_in(tulle: Tulle, tmp_path: Path) -> None:
    printed = tulle("acl", "token", "create", "--service-identity", "web", "--description", "web's")
    assert (printed.err, printed.code) == ("", 0)
    token = shown(printed.out)
    assert UUID.fullmatch(token["AccessorID"])
    assert UUID.fullmatch(token["SecretID"])
    assert token["Description"] == "web's"
    assert printed.out.endswith("Service Identities:\n   web\n")
    file = tmp_path / "token"
    file.write_text(token["SecretID"])
    own = tulle("acl", "token", "read", "--self", "--token-file", str(file))
    assert shown(own.out)["AccessorID"] == token["AccessorID"]
    assert token["SecretID"] not in own.out


def test_what_is_typed_is_what_a_token_is_linked_to(tulle: Tulle, tmp_path: Path) -> None:
    rules = 'key_prefix "" { policy = "read" }'
    tulle("acl", "policy", "create", "--name", "keys", "--rules", rules)
    tulle("acl", "role", "create", "--name", "watch", "--policy-name", "keys")
    secret, accessor = str(uuid4()), str(uuid4())
    (tmp_path / "secret").write_text(f"{secret}\n")
    token = made(
        tulle,
        *("--policy-name", "keys", "--role-name", "watch", "--service-identity", "web:dc1"),
        *("--node-identity", "node-1:dc1", "--templated-policy", "builtin/service"),
        *("--var", "name:api", "--expires-ttl", "8h"),
        *("--accessor-id", accessor, "--secret-file", "secret"),
    )
    assert (token["AccessorID"], token["SecretID"], token["Local"]) == (accessor, secret, False)
    assert [each["Name"] for each in (*token["Policies"], *token["Roles"])] == ["keys", "watch"]
    assert token["ServiceIdentities"] == [{"ServiceName": "web", "Datacenters": ["dc1"]}]
    assert token["NodeIdentities"] == [{"NodeName": "node-1", "Datacenter": "dc1"}]
    (templated,) = token["TemplatedPolicies"]
    assert templated["TemplateVariables"] == {"Name": "api"}
    assert "ExpirationTime" in token
    listed = tulle("acl", "token", "list")
    (line,) = (line for line in listed.out.splitlines() if line.startswith(accessor))
    assert "policy keys, role watch, service web (datacenters dc1), node node-1" in line
    assert secret not in listed.out + tulle("acl", "token", "list", "--json").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--policy-name", "none"), 'No such ACL policy with name "none"'),
        (("--role-name", "none"), 'No such ACL role with name "none"'),
        (("--service-identity", "Web!"), "Web!"),
        (("--expires-ttl", "soon"), "soon"),
    ],
)
def test_a_token_for_what_is_not_there_says_which(
    tulle: Tulle, words: tuple[str, ...], told: str
) -> None:
    printed = tulle("acl", "token", "create", *words)
    assert (printed.out, printed.code) == ("", 2)
    assert told in printed.err


def test_an_update_replaces_what_is_given_and_keeps_the_rest(tulle: Tulle) -> None:
    token = made(tulle, "--service-identity", "web", "--description", "web's")
    beginning = token["AccessorID"][:12]
    renamed = tulle("acl", "token", "update", "--accessor-id", beginning, "--description", "all's")
    assert shown(renamed.out)["Description"] == "all's"
    assert renamed.out.endswith("Service Identities:\n   web\n")
    assert token["SecretID"] not in renamed.out
    empty = tulle("acl", "token", "update", "--accessor-id", beginning, "--service-identity", "")
    assert "Service Identities" not in empty.out
    read = tulle("acl", "token", "read", "--accessor-id", beginning)
    assert shown(read.out)["SecretID"] == token["SecretID"]


def test_a_clone_has_a_secret_of_its_own(tulle: Tulle) -> None:
    token = made(tulle, "--service-identity", "web")
    clone = tulle("acl", "token", "clone", "--accessor-id", token["AccessorID"])
    assert clone.out.endswith("Service Identities:\n   web\n")
    assert shown(clone.out)["SecretID"] != token["SecretID"]


def test_a_deleted_token_gets_nobody_in(tulle: Tulle, tmp_path: Path) -> None:
    token = made(tulle, "--service-identity", "web")
    file = tmp_path / "token"
    file.write_text(token["SecretID"])
    deleted = tulle("acl", "token", "delete", "--accessor-id", token["AccessorID"])
    assert deleted == (f"Deleted token: {token['AccessorID']}\n", "", 0)
    refused = tulle("services", "--token-file", str(file))
    assert (refused.out, refused.code) == ("", 1)
    assert refused.err.startswith("Error: ACL not found")
    again = tulle("acl", "token", "delete", "--accessor-id", token["AccessorID"])
    assert (again.err, again.code) == ("Error: Cannot find token to delete\n", 1)


@pytest.mark.parametrize("beginning", ["00000000-0000-0000-0000-00000000000", "ffffffff-"])
def test_a_beginning_must_be_of_exactly_one(tulle: Tulle, beginning: str) -> None:
    made(tulle, "--accessor-id", "ffffffff-0000-4000-8000-000000000001")
    made(tulle, "--accessor-id", "ffffffff-0000-4000-8000-000000000002")
    printed = tulle("acl", "token", "read", "--accessor-id", beginning)
    if beginning.startswith("f"):
        told = f"2 IDs begin with {beginning}: write more of the token's"
        assert (printed.err, printed.code) == (f"Error: {told}\n", 2)
        return
    assert shown(printed.out)["Description"] == "Anonymous Token"


def test_the_last_management_token_goes_only_by_force_and_a_reset_leads_back_in(
    run: Tulle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / "data"
    environ = environment(data_dir)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TULLE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("TULLE_HTTP_ADDR", f"127.0.0.1:{environ['TULLE_HTTP_PORT']}")
    with running(environ):
        first = shown(run("acl", "token", "read", "--self").out)["AccessorID"]
        other = ("--policy-name", "global-management")
        (tmp_path / "other").write_text(made(run, *other)["SecretID"])
        as_other = ("--token-file", "other")
        second = shown(run("acl", "token", "read", "--self", *as_other).out)["AccessorID"]
        delete = ("acl", "token", "delete", "--accessor-id")
        assert run(*delete, first, *as_other).code == 0
        refused = run(*delete, second, *as_other)
        assert refused.code == 2
        rules = ("acl", "policy", "create", "--name", "acl", "--rules", 'acl = "write"')
        assert run(*rules, *as_other).code == 0
        helper = run("acl", "token", "create", "--policy-name", "acl", "--json", *as_other)
        (tmp_path / "helper").write_text(json.loads(helper.out)["SecretID"])
        as_helper = ("--token-file", "helper")
        last = run(*delete, second, *as_helper)
        assert last.code == 2
        assert f"{second} is the last token that may manage ACLs" in last.err
        assert "--force" in last.err
        assert run(*delete, second, "--force", *as_helper).code == 0
        stale = run("acl", "token", "list")
        assert f"The token is from {data_dir / 'bootstrap-token'}" in stale.err

        closed = run("acl", "bootstrap")
        assert closed.code == 1
        index = re.search(r"reset index: (\d+)", closed.err)
        assert index is not None
        assert "acl-bootstrap-reset" in closed.err
        (data_dir / "acl-bootstrap-reset").write_text(index[1])
        again = run("acl", "bootstrap")
        assert "Bootstrap Token (Global Management)" in again.out
        assert shown(again.out)["SecretID"] == (data_dir / "bootstrap-token").read_text().strip()
        assert run("acl", "token", "list").code == 0


def test_a_bootstrap_takes_no_secret_that_is_none(tulle: Tulle, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    refused = tulle("acl", "bootstrap", "secret")
    assert (refused.out, refused.code) == ("", 2)
    assert "hunter2" not in refused.err


def test_a_token_that_may_not_is_told_what_it_lacks(
    tulle: Tulle, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "web").write_text(made(tulle, "--service-identity", "web")["SecretID"])
    refused = tulle("acl", "policy", "list", "--token-file", "web")
    assert (refused.out, refused.code) == ("", 1)
    assert "lacks permission 'acl:read'" in refused.err
    assert "No token was sent" not in refused.err
