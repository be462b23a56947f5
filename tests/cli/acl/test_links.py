import pytest

from meshcore.cli.acl.links import grants, identities, policy_links, sections
from meshcore.client.http import Json
from meshcore.lib.errors import InvalidError

LINKED = {
    "Policies": [{"ID": "1", "Name": "web"}],
    "Roles": [{"ID": "2", "Name": "team"}],
    "ServiceIdentities": [{"ServiceName": "web", "Datacenters": ["dc1", "dc2"]}],
    "NodeIdentities": [{"NodeName": "node-1", "Datacenter": "dc1"}],
    "TemplatedPolicies": [
        {"TemplateName": "builtin/service", "TemplateVariables": {"name": "api"}},
        {"TemplateName": "builtin/dns"},
    ],
}


def typed(
    *services: str, node: str | None = None, template: str | None = None, var: str | None = None
) -> dict[str, Json]:
    return identities(
        services or None,
        None if node is None else [node],
        template=template,
        variables=None if var is None else [var],
    )


def test_what_was_not_typed_is_not_asked_for() -> None:
    assert policy_links(None, None) | typed() == {}


def test_nothing_typed_takes_all_away() -> None:
    assert policy_links([""], None) | typed("", node="", template="") == {
        "Policies": [],
        "ServiceIdentities": [],
        "NodeIdentities": [],
        "TemplatedPolicies": [],
    }


def test_links_are_by_name_and_by_id() -> None:
    assert policy_links(["web"], ["1"]) == {"Policies": [{"Name": "web"}, {"ID": "1"}]}


def test_identities_are_written_as_consuls_users_write_them() -> None:
    asked = typed(
        "web", "api:dc1,dc2", node="node-1:dc1", template="builtin/service", var="name:db"
    )
    assert asked == {
        "ServiceIdentities": [
            {"ServiceName": "web"},
            {"ServiceName": "api", "Datacenters": ["dc1", "dc2"]},
        ],
        "NodeIdentities": [{"NodeName": "node-1", "Datacenter": "dc1"}],
        "TemplatedPolicies": [
            {"TemplateName": "builtin/service", "TemplateVariables": {"Name": "db"}}
        ],
    }


@pytest.mark.parametrize("word", [":dc1", "web:", "web:,"])
def test_a_word_that_is_no_service_identity_is_named(word: str) -> None:
    with pytest.raises(InvalidError, match=f'"{word}" is no service identity'):
        typed(word)


@pytest.mark.parametrize("word", ["node-1", "node-1:", ":dc1"])
def test_a_word_that_is_no_node_identity_is_named(word: str) -> None:
    with pytest.raises(InvalidError, match=f'"{word}" is no node identity'):
        typed(node=word)


@pytest.mark.parametrize("word", ["web", "service:web"])
def test_a_word_that_is_no_variable_is_named(word: str) -> None:
    with pytest.raises(InvalidError, match=f'"{word}" is no variable'):
        typed(template="builtin/service", var=word)


def test_a_variable_needs_a_templated_policy() -> None:
    with pytest.raises(InvalidError, match="--var is for a templated policy"):
        typed(var="name:web")


def test_all_links_fit_into_a_cell() -> None:
    assert grants(LINKED) == (
        "policy web, role team, service web (datacenters dc1, dc2), node node-1 (datacenter dc1),"
        " template builtin/service api, template builtin/dns"
    )
    assert grants({"Policies": None}) == ""


def test_links_are_shown_by_their_kinds_with_ids() -> None:
    assert [*sections(LINKED)] == [
        ("Policies", ["1 - web"]),
        ("Roles", ["2 - team"]),
        ("Service Identities", ["web (datacenters dc1, dc2)"]),
        ("Node Identities", ["node-1 (datacenter dc1)"]),
        ("Templated Policies", ["builtin/service api", "builtin/dns"]),
    ]
