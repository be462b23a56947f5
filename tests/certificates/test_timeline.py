from datetime import datetime, timedelta

import msgspec
import pytest

from meshcore.certificates.timeline import next_renewal, timeline
from meshcore.certificates.types import Root
from meshcore.certificates.view import Certificates
from tests.certificates.test_inventory import HOUR, START, a_leaf, a_root, certificates

ACTIVE = msgspec.structs.replace(a_root("a", "active"), activated_at=START)
MINUTES = timedelta(minutes=5)


def told(known: Certificates, *, now: datetime = START) -> list[tuple[float, str, str, bool]]:
    return [
        ((event.at - START) / HOUR, event.root_id, event.what, event.is_ahead)
        for event in timeline(known, now=now, first_renewal=next_renewal(known))
    ]


@pytest.mark.parametrize(
    ("roots", "events"),
    [
        (
            [ACTIVE],
            [
                (0, "a", "active", False),
                (0, "a", "prepared", False),
                (900, "a", "succeeded", True),
            ],
        ),
        (
            [msgspec.structs.replace(ACTIVE, is_given=True)],
            [(0, "a", "active", False), (0, "a", "prepared", False), (1000, "a", "ended", True)],
        ),
        (
            [msgspec.structs.replace(a_root("b", "prepared"), prepared_at=START + HOUR), ACTIVE],
            [
                (0, "a", "active", False),
                (0, "a", "prepared", False),
                (1, "b", "prepared", False),
                (1 + MINUTES / HOUR, "b", "active", True),
            ],
        ),
        (
            [a_root("z", "retiring", retired=HOUR)],
            [(0, "z", "prepared", False), (1, "z", "retiring", False), (21, "z", "pruned", True)],
        ),
    ],
    ids=["in its best years", "given", "on its way", "nearly forgotten"],
)
def test_what_was_and_what_comes_when(
    roots: list[Root], events: list[tuple[float, str, str, bool]]
) -> None:
    assert sorted(told(certificates(*roots))) == sorted(events)


def test_next_renewal_of_a_leaf_is_told_and_never_as_past() -> None:
    known = certificates(ACTIVE, leaves={"agent:web": a_leaf()})
    (at,) = [hours for hours, _, what, _ in told(known) if what == "renewed"]
    assert 6 <= at <= 9
    late = told(known, now=START + 9.5 * HOUR)
    assert [hours for hours, _, what, _ in late if what == "renewed"] == [9.5]


def test_before_the_set_up_there_is_nothing_to_tell() -> None:
    assert told(Certificates()) == []
