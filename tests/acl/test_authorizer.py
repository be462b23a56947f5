from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcore.acl.authorizer import UNRESTRICTED, Authorizer, compiled
from meshcore.acl.parsing import parse
from meshcore.acl.rules import SEGMENTED, UNSEGMENTED, Access, Rule, RuleKind, Rules

READ, LIST, WRITE = Access.READ, Access.LIST, Access.WRITE
SERVICE, INTENTION, KEY = RuleKind.SERVICE, RuleKind.INTENTION, RuleKind.KEY


def authorizer(*texts: str, default_allow: bool = False) -> Authorizer:
    return compiled([parse(text) for text in texts], default_allow=default_allow)


def granted(given: Authorizer, kind: RuleKind, segment: str = "") -> list[Access]:
    return [access for access in (READ, LIST, WRITE) if given.allows(kind, access, segment)]


@pytest.mark.parametrize(
    ("texts", "segment", "expected"),
    [
        pytest.param(['key "a" { policy = "read" }'], "a", [READ], id="exact"),
        pytest.param(['key "a" { policy = "read" }'], "ab", [], id="exact is no prefix"),
        pytest.param(['key_prefix "a" { policy = "read" }'], "ab", [READ], id="prefix"),
        pytest.param(['key_prefix "a" { policy = "list" }'], "a", [READ, LIST], id="list"),
        pytest.param(
            ['key_prefix "a" { policy = "write" } key "ab" { policy = "deny" }'],
            "ab",
            [],
            id="exact over prefix",
        ),
        pytest.param(
            ['key_prefix "" { policy = "deny" } key_prefix "a" { policy = "read" }'],
            "ab",
            [READ],
            id="the longest prefix over a denial",
        ),
        pytest.param(
            ['key_prefix "a/" { policy = "read" } key_prefix "a/b" { policy = "write" }'],
            "a/c",
            [READ],
            id="a sibling's prefix sorts before the segment",
        ),
        pytest.param(
            ['key "a" { policy = "write" }', 'key "a" { policy = "deny" }'],
            "a",
            [],
            id="deny over write",
        ),
        pytest.param(
            ['key "a" { policy = "list" }', 'key "a" { policy = "write" }'],
            "a",
            [READ, LIST, WRITE],
            id="write over list",
        ),
        pytest.param(
            ['key "a" { policy = "list" }', 'key "a" { policy = "read" }'],
            "a",
            [READ, LIST],
            id="list over read",
        ),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_the_closest_rule_decides(
    texts: list[str], segment: str, expected: list[Access], order: int
) -> None:
    assert granted(authorizer(*texts[::order]), KEY, segment) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (['service "web" { policy = "write" }'], [READ]),
        (['service "web" { policy = "read" }'], [READ]),
        (['service "web" { policy = "deny" }'], []),
        (['service "web" { policy = "write" intentions = "deny" }'], []),
        (['service "web" { policy = "deny" intentions = "write" }'], [READ, LIST, WRITE]),
        (
            [
                'service "web" { policy = "write" }',
                'service "web" { policy="read" intentions="deny" }',
            ],
            [],
        ),
        (
            [
                'service "web" { policy = "deny" }',
                'service "web" { policy="read" intentions="read" }',
            ],
            [READ],
        ),
    ],
)
def test_a_service_s_rule_implies_one_about_its_intentions(
    texts: list[str], expected: list[Access]
) -> None:
    assert granted(authorizer(*texts), INTENTION, "web") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('service "web" { policy = "read" intentions = "write" }', [READ, LIST]),
        ('service_prefix "" { policy = "read" intentions = "write" }', [READ, LIST, WRITE]),
        (
            'service_prefix "" { policy = "read" intentions = "write" }'
            'service "web" { policy = "read" }',
            [READ],
        ),
        ('service_prefix "" { policy = "deny" }', []),
        ('service_prefix "" { policy = "deny" } service "web" { policy = "read" }', [READ]),
        ('node_prefix "" { policy = "write" }', []),
    ],
)
def test_an_intention_for_all_is_read_by_some_rule_and_written_by_all(
    text: str, expected: list[Access]
) -> None:
    # `list` is asked for no intention; it is here as what is less than write.
    found = granted(authorizer(text), INTENTION, "*")
    assert [access for access in found if access is not LIST] == [
        access for access in expected if access is not LIST
    ]


def test_mesh_and_peering_fall_back_to_operator() -> None:
    given = authorizer('operator = "write"\npeering = "read"')
    assert granted(given, RuleKind.MESH) == [READ, LIST, WRITE]
    assert granted(given, RuleKind.PEERING) == [READ]
    assert granted(given, RuleKind.KEYRING) == []


def test_no_default_gives_the_acl_away() -> None:
    allowed = {kind for kind in RuleKind if authorizer(default_allow=True).allows(kind, WRITE)}
    assert allowed == set(RuleKind) - {RuleKind.ACL}
    assert all(UNRESTRICTED.allows(kind, WRITE, "web") for kind in RuleKind)


@pytest.mark.parametrize(
    ("text", "prefix", "expected"),
    [
        ('key_prefix "a/" { policy = "write" }', "a/", True),
        ('key_prefix "a/" { policy = "write" }', "a/b", True),
        ('key_prefix "a/" { policy = "write" }', "a", False),
        ('key "a/" { policy = "write" }', "a/", False),
        ('key_prefix "a/" { policy = "write" } key "a/b" { policy = "read" }', "a/", False),
        ('key_prefix "a/" { policy = "write" } key_prefix "a/b" { policy = "list" }', "a/", False),
        ('key_prefix "a/" { policy = "write" } key_prefix "a/b" { policy = "list" }', "a/c", True),
        ('key_prefix "" { policy = "write" } key "a" { policy = "read" }', "b", True),
    ],
)
def test_a_tree_of_keys_is_written_only_if_all_below_may_be(
    text: str, prefix: str, *, expected: bool
) -> None:
    assert authorizer(text).allows_key_prefix(prefix) is expected


def test_all_and_any_of_a_kind() -> None:
    given = authorizer('node_prefix "" { policy = "read" } service "web" { policy = "write" }')
    assert given.allows_all(RuleKind.NODE, READ)
    assert not given.allows_all(SERVICE, READ)
    assert given.allows_any(SERVICE, WRITE)
    assert not given.allows_any(RuleKind.NODE, WRITE)


SEGMENT = st.text("ab/", max_size=4)
RULE = st.one_of(
    st.builds(
        Rule,
        st.sampled_from([SERVICE, KEY, INTENTION]),
        st.sampled_from(Access),
        SEGMENT,
        st.booleans(),
    ),
    st.builds(Rule, st.sampled_from(UNSEGMENTED), st.sampled_from(Access)),
)
POLICIES = st.lists(st.lists(RULE, max_size=8).map(tuple), max_size=4)


def naive(
    policies: Sequence[Rules], kind: RuleKind, access: Access, segment: str, *, default_allow: bool
) -> bool:
    """What Consul's documentation says, rule by rule."""
    rules = [rule for policy in policies for rule in policy]
    if kind is INTENTION:
        set_ = {(r.segment, r.is_prefix) for r in rules if r.kind is INTENTION}
        services = {(r.segment, r.is_prefix) for r in rules if r.kind is SERVICE} - set_
        rules = [r for r in rules if r.kind is INTENTION or (r.segment, r.is_prefix) in services]
        rules = [r for r in rules if r.kind in (INTENTION, SERVICE)]
    elif kind in (RuleKind.MESH, RuleKind.PEERING) and not any(r.kind is kind for r in rules):
        rules = [r for r in rules if r.kind is RuleKind.OPERATOR]
    else:
        rules = [r for r in rules if r.kind is kind]
    matching = [
        r for r in rules if (segment.startswith(r.segment) if r.is_prefix else segment == r.segment)
    ]
    if not matching:
        return default_allow and kind is not RuleKind.ACL
    rank = max((not r.is_prefix, len(r.segment)) for r in matching)
    words = [r for r in matching if (not r.is_prefix, len(r.segment)) == rank]
    if any(r.access is Access.DENY for r in words):
        return False
    ceiling = READ if kind is INTENTION else WRITE  # what a service's rule implies
    levels = [min(r.access, ceiling) if r.kind is SERVICE else r.access for r in words]
    return max(levels) >= access


@settings(max_examples=300, deadline=None)
@given(
    policies=POLICIES,
    default_allow=st.booleans(),
    kind=st.sampled_from([*UNSEGMENTED, *SEGMENTED, INTENTION]),
    access=st.sampled_from([READ, LIST, WRITE]),
    segments=st.lists(SEGMENT, min_size=1, max_size=8),
)
def test_compiled_verdicts_are_the_naive_ones(
    policies: list[Rules],
    kind: RuleKind,
    access: Access,
    segments: list[str],
    *,
    default_allow: bool,
) -> None:
    given = compiled(policies, default_allow=default_allow)
    asked = segments if kind in (SERVICE, KEY, INTENTION) else [""]
    assert [given.allows(kind, access, segment) for segment in asked] == [
        naive(policies, kind, access, segment, default_allow=default_allow) for segment in asked
    ]


@settings(max_examples=150, deadline=None)
@given(policies=POLICIES, default_allow=st.booleans(), prefix=SEGMENT, under=SEGMENT)
def test_who_may_write_a_tree_may_write_each_key_in_it(
    policies: list[Rules], prefix: str, under: str, *, default_allow: bool
) -> None:
    given = compiled(policies, default_allow=default_allow)
    if given.allows_key_prefix(prefix):
        assert given.allows(KEY, WRITE, prefix + under)
