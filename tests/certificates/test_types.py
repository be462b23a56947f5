import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from meshcore.certificates.types import Lifetimes, Root, Trust
from meshcore.lib.errors import InvalidError

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_lifetimes_are_consuls_unless_told_otherwise() -> None:
    assert Lifetimes() == Lifetimes(leaf=72 * HOUR, root=87600 * HOUR, cross_signed=7 * DAY)


@pytest.mark.parametrize(
    "lifetimes",
    [
        pytest.param({"leaf": HOUR, "root": 3 * HOUR}, id="the shortest"),
        pytest.param({"leaf": 365 * DAY, "root": 3 * 365 * DAY}, id="the longest leaf"),
        pytest.param(
            {
                "leaf": timedelta(seconds=10),
                "overlap": timedelta(seconds=1),
                "leaf_minimum": timedelta(seconds=5),
            },
            id="shorter, when asked for by name",
        ),
    ],
)
def test_lifetimes_within_the_bounds_are_accepted(lifetimes: dict[str, timedelta]) -> None:
    assert msgspec.json.decode(
        msgspec.json.encode(Lifetimes(**lifetimes)), type=Lifetimes
    ) == Lifetimes(**lifetimes)


@pytest.mark.parametrize(
    ("lifetimes", "sentence"),
    [
        pytest.param(
            {"leaf": timedelta(minutes=59)},
            "certificate lifetime leaf is 59m0s: it must be between 1h0m0s and 8760h0m0s",
            id="leaf under an hour",
        ),
        pytest.param(
            {"leaf": 366 * DAY},
            "certificate lifetime leaf is 8784h0m0s: it must be between 1h0m0s and 8760h0m0s",
            id="leaf over a year",
        ),
        pytest.param(
            {"root": 215 * HOUR},
            "certificate lifetime root is 215h0m0s: it must be between 216h0m0s and 876000h0m0s",
            id="root under three leaves",
        ),
        pytest.param(
            {"cross_signed": timedelta()},
            "certificate lifetime cross_signed is 0s: it must be between 1s and 876000h0m0s",
            id="no time for the voucher",
        ),
        pytest.param(
            {"overlap": 37 * HOUR},
            "certificate lifetime overlap is 37h0m0s: it must be between 0s and 36h0m0s",
            id="overlap over half a leaf",
        ),
    ],
)
def test_lifetimes_out_of_bounds_are_refused_by_name(
    lifetimes: dict[str, timedelta], sentence: str
) -> None:
    with pytest.raises(InvalidError, match=f"^{re.escape(sentence)}$"):
        Lifetimes(**lifetimes)


@pytest.mark.parametrize(
    ("trust", "domain"),
    [
        (Trust(cluster_id="1234"), "1234.consul"),
        (Trust(cluster_id="1234", own_domain="mesh.example"), "mesh.example"),
    ],
)
def test_trust_domain_is_made_of_the_cluster_id_unless_the_operator_has_one(
    trust: Trust, domain: str
) -> None:
    assert trust.trust_domain == domain
    assert msgspec.json.decode(msgspec.json.encode(trust), type=Trust) == trust


def test_a_root_survives_the_log_whole(root: Root) -> None:
    retiring = msgspec.structs.replace(
        root, state="retiring", retired_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert msgspec.json.decode(msgspec.json.encode(retiring), type=Root) == retiring
