"""How often a proxy is listened to."""

from meshcore.telemetry.shedding import LARGEST, PART, Allowances

WEB = ("node-1", "web-1")
API = ("node-1", "api-1")


def test_a_flood_is_shed_after_its_first_reports_and_only_that_of_the_one_proxy() -> None:
    allowances = Allowances()
    assert [allowances.takes(WEB, size=2000, now_s=0.0) for _ in range(12)] == [True] * 10 + [
        False
    ] * 2
    assert allowances.takes(API, size=2000, now_s=0.0)


def test_who_reports_once_a_second_is_always_listened_to() -> None:
    allowances = Allowances()
    assert all(allowances.takes(WEB, size=2000, now_s=float(second)) for second in range(1000))


def test_a_flood_that_ends_is_forgiven() -> None:
    allowances = Allowances()
    while allowances.takes(WEB, size=2000, now_s=0.0):
        pass
    assert not allowances.takes(WEB, size=2000, now_s=0.1)
    assert allowances.takes(WEB, size=2000, now_s=1.0)


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    allowances = Allowances()
    while allowances.takes(WEB, size=2000, now_s=100.0):
        pass
    assert not allowances.takes(WEB, size=2000, now_s=50.0)
    assert allowances.takes(WEB, size=2000, now_s=51.0)


def test_a_large_report_is_worth_many() -> None:
    allowances = Allowances()
    assert allowances.takes(WEB, size=LARGEST, now_s=0.0)
    assert not allowances.takes(WEB, size=1, now_s=0.0)
    assert not allowances.takes(WEB, size=5 * PART, now_s=1.0)
    assert allowances.takes(WEB, size=4 * PART, now_s=1.0)
