from datetime import UTC, datetime, timedelta

from dashboard.attempts import MOST_OF_ALL, MOST_OF_ONE, Attempts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_one_peer_waits_until_its_failures_are_a_minute_old() -> None:
    attempts = Attempts()
    for number in range(MOST_OF_ONE):
        assert attempts.wait_s("10.0.0.1", now=NOW + number * SECOND) == 0
        attempts.failed("10.0.0.1", now=NOW + number * SECOND)
    assert attempts.wait_s("10.0.0.1", now=NOW + 20 * SECOND) == 40
    assert attempts.wait_s("10.0.0.2", now=NOW + 20 * SECOND) == 0
    assert attempts.wait_s("10.0.0.1", now=NOW + 60 * SECOND) == 0


def test_many_peers_together_wait_too() -> None:
    attempts = Attempts()
    for number in range(MOST_OF_ALL):
        attempts.failed(f"10.0.0.{number}", now=NOW)
    assert attempts.wait_s("10.0.1.1", now=NOW + SECOND) == 59
