import pytest

from meshcore.acl.parsing import parse
from meshcore.acl.rules import (
    Access,
    Rule,
    RuleKind,
    everywhere,
    exactly,
    over_everything,
    rendered,
)
from meshcore.lib.errors import InvalidError

HCL = """
operator = "read"
mesh = ""
key_prefix "" { policy = "list" }
service "web" {
  policy = "write"
  intentions = "read"
}
service "web" { policy = "deny" }
"""
JSON = """{
  "operator": "read", "mesh": "",
  "key_prefix": {"": {"policy": "list"}},
  "service": [{"web": {"policy": "write", "intentions": "read"}}, {"web": [{"policy": "deny"}]}]
}"""


@pytest.mark.parametrize("text", [HCL, JSON])
def test_hcl_and_json_say_the_same(text: str) -> None:
    assert parse(text) == (
        everywhere(RuleKind.OPERATOR, Access.READ),
        everywhere(RuleKind.KEY, Access.LIST),
        exactly(RuleKind.SERVICE, "web", Access.WRITE),
        exactly(RuleKind.INTENTION, "web", Access.READ),
        exactly(RuleKind.SERVICE, "web", Access.DENY),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}"])
def test_no_rules_grant_nothing(text: str) -> None:
    assert parse(text) == ()


@pytest.mark.parametrize("access", list(Access))
def test_what_is_rendered_reads_back(access: Access) -> None:
    if access is Access.LIST:
        rules: tuple[Rule, ...] = (everywhere(RuleKind.KEY, access),)
    else:
        rules = over_everything(access)
    assert sorted(parse(rendered(rules)), key=str) == sorted(rules, key=str)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('acl = "wirte"', 'rules:1:1: acl is "wirte": it takes "read", "write" or "deny"'),
        ("acl = 5", 'rules:1:1: acl is 5: it takes "read", "write" or "deny"'),
        ('acl = "list"', 'rules:1:1: acl is "list": it takes "read", "write" or "deny"'),
        (
            'key "a" {\n  policy = "all"\n}',
            'rules:2:3: policy is "all": it takes "read", "list", "write" or "deny"',
        ),
        (
            'node "a" { policy = "list" }',
            'rules:1:12: policy is "list": it takes "read", "write" or "deny"',
        ),
        (
            '\nservices "web" { policy = "read" }',
            "rules:2:1: services is no kind of rule; did you mean service?",
        ),
        (
            'service "web" { polcy = "read" }',
            "rules:1:17: polcy is no field of a service rule; did you mean policy?",
        ),
        (
            'node "web" { policy = "read" intentions = "read" }',
            "rules:1:30: intentions is no field of a node rule; known are policy",
        ),
        (
            'service "web" { intentions = "read" }',
            'rules:1:9: service "web" has no policy: it takes "read", "write" or "deny"',
        ),
        (
            'service = "read"',
            'rules:1:1: a service rule is written as service "name" { policy = "read" }',
        ),
        (
            'service { policy = "read" }',
            'rules:1:11: a service rule is written as service "name" { policy = "read" }',
        ),
        (
            'namespace "a" { policy = "read" }',
            "rules:1:1: namespace is Consul Enterprise's, and means nothing here",
        ),
        ('acl = "read"\nacl = "write"', "rules:2: acl stands here again, after line 1"),
        ('acl = "read"\nmesh = ', "rules:2: a value expected, but here is the end of the file"),
        ('{"acl": }', "rules:1: bad JSON: Expecting value"),
    ],
)
def test_what_is_no_rule_is_told_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        parse(text)
    assert str(refusal.value) == sentence
