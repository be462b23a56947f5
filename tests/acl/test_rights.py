"""What somebody may do and why: merged, with its sources, and never other than the authorizer."""

import random
from datetime import UTC, datetime
from itertools import product

import pytest

from meshcore.acl.authorizer import compiled
from meshcore.acl.parsing import parse
from meshcore.acl.rights import Answer, Given, Right, Said, Source, decided, given_to, rights
from meshcore.acl.rules import SEGMENTED, Access, Rule, RuleKind
from meshcore.acl.types import Policy, Role, ServiceIdentity, Token
from meshcore.acl.view import Acl
from meshcore.lib.records import Record

ONE = Source(kind="policy", name="one", policy_id="1")
OTHER = Source(kind="policy", name="other", policy_id="2")
SEGMENTS = ("", "a", "ab", "abc", "b", "*")


def given(source: Source, text: str) -> Given:
    return Given(source, parse(text))


def test_rules_about_the_same_are_merged_and_say_whose_they_are() -> None:
    found = rights(
        (
            given(ONE, 'key_prefix "a" { policy = "write" }'),
            given(OTHER, 'key_prefix "a" { policy = "deny" } key "b" { policy = "list" }'),
        )
    )
    assert found == (
        Right(
            rule=Rule(RuleKind.KEY, Access.DENY, "a"),
            sources=(OTHER,),
            overruled=(Said(ONE, Access.WRITE),),
        ),
        Right(rule=Rule(RuleKind.KEY, Access.LIST, "b", is_prefix=False), sources=(OTHER,)),
    )


def test_what_follows_from_another_kind_says_so() -> None:
    found = rights((given(ONE, 'service "web" { policy = "write" } operator = "read"'),))
    implied = {(each.rule.kind, each.rule.access): each.implied_by for each in found}
    assert implied == {
        (RuleKind.INTENTION, Access.READ): RuleKind.SERVICE,
        (RuleKind.MESH, Access.READ): RuleKind.OPERATOR,
        (RuleKind.OPERATOR, Access.READ): None,
        (RuleKind.PEERING, Access.READ): RuleKind.OPERATOR,
        (RuleKind.SERVICE, Access.WRITE): None,
    }


def test_a_token_holds_what_it_and_its_roles_are_linked_to_here() -> None:
    here = Policy(id="here", name="here", rules='key "a" { policy = "read" }')
    elsewhere = Policy(id="far", name="far", rules='acl = "write"', datacenters=("dc2",))
    identities = (ServiceIdentity(service="web"), ServiceIdentity(service="db", datacenters=("x",)))
    role = Role(id="r", name="team", policies=("here",), service_identities=identities)
    acl = Acl().with_role("r", Record(role, 1, 1))
    for policy in (here, elsewhere):
        acl = acl.with_policy(policy.id, Record(policy, 1, 1))
    token = Token(
        accessor_id="t",
        secret_hash="",
        sealed_secret=b"",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        policies=("here", "far", "gone"),
        roles=("r", "gone"),
    )
    assert [each.source for each in given_to(token, acl, datacenter="dc1")] == [
        Source(kind="policy", name="here", policy_id="here"),
        Source(kind="policy", name="here", policy_id="here", role="team", role_id="r"),
        Source(kind="service identity", name="web", role="team", role_id="r"),
    ]


def test_the_default_decides_where_no_rule_does_but_never_about_acls() -> None:
    for default_allow, kind in product((True, False), (RuleKind.KEY, RuleKind.ACL)):
        answer = decided((), kind, Access.READ, "a", default_allow=default_allow)
        assert answer == Answer(default_allow and kind is RuleKind.KEY, None)


def some_rules(chance: random.Random) -> tuple[Rule, ...]:
    kinds = (RuleKind.SERVICE, RuleKind.INTENTION, RuleKind.KEY)
    rules = [
        Rule(
            chance.choice(kinds),
            chance.choice((Access.DENY, Access.READ, Access.WRITE)),
            chance.choice(SEGMENTS[:-1]),
            chance.random() < 0.5,
        )
        for _ in range(chance.randint(0, 5))
    ]
    if chance.random() < 0.5:
        rules.append(Rule(RuleKind.OPERATOR, chance.choice((Access.DENY, Access.WRITE))))
    return tuple(rules)


@pytest.mark.parametrize("seed", range(150))
def test_the_answers_are_the_authorizers(seed: int) -> None:
    chance = random.Random(seed)
    first, second = some_rules(chance), some_rules(chance)
    default_allow = chance.random() < 0.5
    authorizer = compiled([first, second], default_allow=default_allow)
    held = rights((Given(ONE, first), Given(OTHER, second)))
    kinds = (*SEGMENTED, RuleKind.INTENTION, RuleKind.MESH, RuleKind.OPERATOR, RuleKind.ACL)
    for kind, access, segment in product(kinds, (Access.READ, Access.WRITE), SEGMENTS):
        answer = decided(held, kind, access, segment, default_allow=default_allow)
        assert answer.is_allowed == authorizer.allows(kind, access, segment), (kind, segment)
