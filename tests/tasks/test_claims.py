"""Of several workers one has a claim, until it is done or dead."""

from collections.abc import Iterator

import pytest
import redis

from meshcore.tasks.claims import PREFIX, claimed
from tests.store.postgresql import free_port
from tests.store.redises import running_redis


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    port = free_port()
    with running_redis(port):
        yield f"redis://127.0.0.1:{port}/0"


def test_the_second_waits_for_another_turn(url: str) -> None:
    with claimed(url, "work", for_s=60) as first:
        with claimed(url, "work", for_s=60) as second, claimed(url, "other", for_s=60) as other:
            assert (first, second, other) == (True, False, True)
        with claimed(url, "work", for_s=60) as third:
            assert not third
    with claimed(url, "work", for_s=60) as fourth:
        assert fourth


def test_a_claim_that_ran_out_is_not_given_back_for_another(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        with claimed(url, "slow", for_s=60):
            client.set(f"{PREFIX}slow", "another's")
        assert client.get(f"{PREFIX}slow") == b"another's"


def test_nobody_has_a_claim_while_redis_is_away(caplog: pytest.LogCaptureFixture) -> None:
    with claimed(f"redis://127.0.0.1:{free_port()}/0", "work", for_s=60) as is_ours:
        assert not is_ours
    assert "work cannot be claimed: Redis is away (ConnectionError)" in caplog.text
