from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from meshcore.acl.binding import JwtClaims
from meshcore.acl.types import JwtConfig
from meshcore.actions.logins import LoginRefusedError
from meshcore.logins.claims import mapped, require_audience, require_current

NOW_S = 1_000_000
NOW = datetime.fromtimestamp(NOW_S, UTC)
NONE = timedelta(seconds=-1)
CONSULS = JwtConfig()
STRICT = JwtConfig(expiration_leeway=NONE, not_before_leeway=NONE, clock_skew_leeway=NONE)


@pytest.mark.parametrize(
    ("claims", "config"),
    [
        ({"exp": NOW_S - 60}, CONSULS),
        ({"exp": NOW_S + 100, "nbf": NOW_S + 60}, CONSULS),
        ({"iat": NOW_S - 210}, CONSULS),
        ({"exp": NOW_S + 210}, CONSULS),
        ({"exp": NOW_S, "iat": NOW_S}, STRICT),
        ({"iat": NOW_S}, STRICT),
        ({"exp": NOW_S - 5}, JwtConfig(clock_skew_leeway=timedelta(seconds=5))),
    ],
)
def test_a_token_is_good_within_its_leeways(claims: dict[str, Any], config: JwtConfig) -> None:
    require_current(claims, config, now=NOW)


@pytest.mark.parametrize(
    ("claims", "config", "reason"),
    [
        ({}, CONSULS, "neither iat nor nbf nor exp is said"),
        ({"exp": NOW_S - 61}, CONSULS, "it expired 61 s ago"),
        ({"iat": NOW_S - 211}, CONSULS, "it expired 61 s ago"),
        ({"exp": NOW_S + 211}, CONSULS, "it is valid only from 61 s from now on"),
        ({"exp": NOW_S - 1, "iat": 0}, STRICT, "it expired 1 s ago"),
        (
            {"exp": NOW_S + 9, "nbf": NOW_S + 1},
            STRICT,
            "it is valid only from 1 s from now on",
        ),
        ({"exp": 0}, CONSULS, "it expired 1000000 s ago"),
        ({"exp": float("nan")}, CONSULS, "exp is no time: nan"),
        ({"exp": float("inf")}, CONSULS, "exp is no time: inf"),
        ({"exp": True}, CONSULS, "exp is no time: True"),
        ({"exp": 10**400}, CONSULS, "exp is no time: "),
        ({"exp": "later"}, CONSULS, "exp is no time: 'later'"),
    ],
)
def test_a_token_outside_its_time_is_refused(
    claims: dict[str, Any], config: JwtConfig, reason: str
) -> None:
    with pytest.raises(LoginRefusedError) as refusal:
        require_current(claims, config, now=NOW)
    assert refusal.value.reason.startswith(reason)


@pytest.mark.parametrize(("said", "bound"), [("a", ("a", "b")), (["x", "b"], ("b",)), (None, ())])
def test_one_of_the_bound_audiences_is_enough(said: object, bound: tuple[str, ...]) -> None:
    require_audience({"aud": said}, bound)


@pytest.mark.parametrize(
    ("said", "bound"), [("ab", ("a",)), (None, ("a",)), ("a", ()), ([["a"]], ("a",))]
)
def test_a_token_for_somebody_else_is_refused(said: object, bound: tuple[str, ...]) -> None:
    with pytest.raises(LoginRefusedError):
        require_audience({"aud": said}, bound)


def test_claims_are_mapped_by_name_and_by_pointer() -> None:
    config = JwtConfig(
        claim_mappings={
            "sub": "name",
            "https://corp/team": "team",
            "/nested/a~1b": "deep",
            "/list/1": "second",
            "/list/9": "ninth",
            "admin": "admin",
            "number": "number",
            "ratio": "ratio",
            "missing": "missing",
        },
        list_claim_mappings={"groups": "groups", "one": "one", "none": "none"},
    )
    claims = {
        "sub": "web",
        "https://corp/team": "shop",
        "nested": {"a/b": "x"},
        "list": ["p", "q"],
        "admin": False,
        "number": 7,
        "ratio": 0.5,
        "groups": ["dev", 1, True],
        "one": "ops",
    }
    assert mapped(claims, config) == JwtClaims(
        {
            "name": "web",
            "team": "shop",
            "deep": "x",
            "second": "q",
            "admin": "false",
            "number": "7",
            "ratio": "0.5",
        },
        {"groups": ("dev", "1", "true"), "one": ("ops",)},
    )


@pytest.mark.parametrize("value", [{"a": 1}, ["a"]])
def test_a_claim_that_is_no_single_value_is_refused(value: object) -> None:
    with pytest.raises(LoginRefusedError, match="Permission denied"):
        mapped({"sub": value}, JwtConfig(claim_mappings={"sub": "name"}))
