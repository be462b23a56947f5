import pytest

from meshcore.acl.identities import TEMPLATES, rules_of_node, rules_of_service, rules_of_template
from meshcore.acl.parsing import parse
from meshcore.acl.rules import rendered
from meshcore.lib.errors import InvalidError, MeshError, NotFoundError

SERVICE = """service "web" {
  policy = "write"
}
service "web-sidecar-proxy" {
  policy = "write"
}
service_prefix "" {
  policy = "read"
}
node_prefix "" {
  policy = "read"
}
"""


def test_a_service_writes_itself_and_its_sidecar_and_finds_the_others() -> None:
    assert rendered(rules_of_service("web")) == SERVICE
    assert rules_of_template("builtin/service", "web") == rules_of_service("web")


def test_a_node_writes_itself_and_finds_services() -> None:
    assert rendered(rules_of_node("node-1")) == (
        'node "node-1" {\n  policy = "write"\n}\nservice_prefix "" {\n  policy = "read"\n}\n'
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_s_text_is_its_rules_with_a_place_for_the_name(name: str) -> None:
    template = TEMPLATES[name]
    text = template.text.replace("{{.Name}}", "web")
    assert parse(text) == rules_of_template(name, "web" if template.require else "")
    assert ("{{.Name}}" in template.text) is (template.require is not None)


@pytest.mark.parametrize(
    ("template", "name", "kind", "sentence"),
    [
        (
            "builtin/servic",
            "web",
            NotFoundError,
            'no templated policy "builtin/servic"; did you mean builtin/service?',
        ),
        (
            "builtin/service",
            "",
            InvalidError,
            "builtin/service needs a name to put into its rules",
        ),
        ("builtin/dns", "web", InvalidError, 'builtin/dns takes no name, but was given "web"'),
        (
            "builtin/node",
            'a" { }',
            InvalidError,
            '"a" { }" is no name for a node identity: it takes up to 256 lower-case letters,'
            " digits, - and _, the first and last no - or _",
        ),
    ],
)
def test_a_template_says_what_it_takes(
    template: str, name: str, kind: type[MeshError], sentence: str
) -> None:
    with pytest.raises(kind) as refusal:
        rules_of_template(template, name)
    assert str(refusal.value) == sentence
