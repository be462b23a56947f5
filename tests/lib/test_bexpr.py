import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.lib.bexpr import compile_filter
from meshcore.lib.bexpr_syntax import And, Match, Not, Or, parse
from meshcore.lib.errors import InvalidError


class Check(msgspec.Struct, rename="pascal"):
    status: str


class Service(msgspec.Struct, rename="pascal"):
    name: str
    port: int = 0
    is_native: bool = False
    tags: tuple[str, ...] = ()
    meta: dict[str, str] = {}
    kind: str | msgspec.UnsetType = msgspec.UNSET


class Row(msgspec.Struct, rename="pascal"):
    service: Service
    checks: list[Check] = []


WEB = Row(
    Service("web", port=80, is_native=True, tags=("v1", "blue"), meta={"team-name": "a b"}),
    [Check("passing"), Check("critical")],
)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("Service.Name == web", True),
        ("Service.Name==`web`", True),
        ('Service.Name != "web"', False),
        ('"eb" in Service.Name', True),
        ("Service.Name not contains x", True),
        ('Service.Name matches "^w.b$"', True),
        ('Service.Name not matches "x|y"', True),
        ("Service.Port == 80", True),
        ("Service.Port != 80", False),
        ("Service.IsNative == true", True),
        ("v1 in Service.Tags", True),
        ("Service.Tags contains green", False),
        ("v1 not in Service.Tags", False),
        ("Service.Tags is not empty", True),
        ('Service.Meta["team-name"] == "a b"', True),
        ('"team-name" in Service.Meta', True),
        ("Service.Meta.other == x", False),
        ("Service.Meta.other != x", True),
        ("Service.Meta.other not matches x", True),
        ('"/Service/Meta/team-name" == "a b"', True),
        ("Service.Meta is empty", False),
        ('Service.Kind == ""', True),
        ("Checks.Status == critical", True),
        ("Checks.Status == warning", False),
        ("Checks is empty", False),
        ("not Service.Port == 1 and Service.Name == web", True),
        ("Service.Name == db or (Service.Port == 80 and not v2 in Service.Tags)", True),
    ],
)
def test_expressions_over_a_row(*, expression: str, holds: bool) -> None:
    assert compile_filter(expression, Row)(WEB) is holds


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("Service.Nme == web", 'Selector "Service.Nme" is not valid'),
        ("Service.Name is empty", 'Invalid match operator "Is Empty" for selector "Service.Name"'),
        ("Service.Tags == v1", 'Invalid match operator "Equal" for selector "Service.Tags"'),
        ("Service.Port == many", '"many" is no number, which "Service.Port" is'),
        ("Service.IsNative == maybe", '"maybe" is no boolean, which "Service.IsNative" is'),
        (
            'Service.Name matches "("',
            'Failed to compile regular expression "(": missing ): (',
        ),
    ],
)
def test_what_the_rows_do_not_have_is_refused_even_without_rows(expression: str, text: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        compile_filter(expression, Row)
    assert str(refusal.value) == text


@pytest.mark.parametrize(
    ("expression", "at"),
    [
        ("", "1:1 (0)"),
        ("Service", "1:8 (7)"),
        ("Service.Name = web", "1:14 (13)"),
        ("Service.Name == a-b", "1:18 (17)"),
        ("Service.Name == web and", "1:24 (23)"),
        ("(Service.Name == web", "1:21 (20)"),
        ("Service.Name == web Service", "1:21 (20)"),
        ('80 == "web"', "1:4 (3)"),
    ],
)
def test_what_cannot_be_parsed_is_told_with_its_place(expression: str, at: str) -> None:
    with pytest.raises(InvalidError, match="no match found, expected: ") as refusal:
        parse(expression)
    assert str(refusal.value).startswith(at)


def test_not_binds_tighter_than_and_and_that_than_or() -> None:
    a, b, c = (Match((name,), "==", "1") for name in "abc")
    assert parse("not a == 1 and b == 1 or c == 1") == Or(And(Not(a), b), c)


@given(st.text(max_size=40))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidError):
        compile_filter(text, Row)(WEB)


@given(
    st.recursive(
        st.booleans(), lambda inner: st.tuples(st.sampled_from(("and", "or")), inner, inner)
    )
)
def test_parenthesized_logic_is_python_s(tree: object) -> None:
    def written(node: object) -> str:
        if isinstance(node, tuple):
            return f"({written(node[1])} {node[0]} {written(node[2])})"
        return "Service.Port == 80" if node else "not Service.Port == 80"

    def value(node: object) -> bool:
        if isinstance(node, tuple):
            left, right = value(node[1]), value(node[2])
            return (left and right) if node[0] == "and" else (left or right)
        return bool(node)

    assert compile_filter(written(tree), Row)(WEB) is value(tree)
