import asyncio
from typing import Any

import pytest

from meshcore.actions.logins import LoginRefusedError
from meshcore.logins.key_sets import KeySets, Source
from tests.logins.providers import Asked, serving


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Publisher:
    """A key set that can be changed, or be away."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.status = 200

    def __call__(self, _: Asked) -> tuple[int, Any]:
        return self.status, {"keys": [{"kid": name} for name in self.names]}


def names(key_sets: KeySets, source: Source, key_id: str) -> list[str]:
    key_set = asyncio.run(key_sets.read(source, key_id=key_id))
    return [key["kid"] for key in key_set.keys]


def test_keys_are_read_again_for_an_unknown_one_but_seldom() -> None:
    clock, publisher = Clock(), Publisher("one")
    key_sets = KeySets(now_s=clock)
    with serving({"/keys": publisher}) as (url, asked):
        source = Source(url=f"{url}/keys")
        assert names(key_sets, source, "one") == ["one"]
        publisher.names = ("two",)
        assert names(key_sets, source, "two") == ["one"]
        clock.now_s += 10
        assert names(key_sets, source, "two") == ["two"]
        clock.now_s += 299
        assert names(key_sets, source, "") == ["two"]
        assert len(asked) == 2
        clock.now_s += 1
        assert names(key_sets, source, "two") == ["two"]
        assert len(asked) == 3


def test_the_keys_of_before_are_good_for_an_hour_while_the_url_cannot_be_read() -> None:
    clock, publisher = Clock(), Publisher("one")
    key_sets = KeySets(now_s=clock)
    with serving({"/keys": publisher}) as (url, asked):
        source = Source(url=f"{url}/keys")
        assert names(key_sets, source, "one") == ["one"]
        publisher.status = 500
        clock.now_s += 3600
        assert names(key_sets, source, "one") == ["one"]
        assert names(key_sets, source, "one") == ["one"]
        assert len(asked) == 2
        clock.now_s += 1
        with pytest.raises(LoginRefusedError) as refusal:
            names(key_sets, source, "one")
        assert refusal.value.reason.endswith("failed: it answered with status 500")


def test_many_who_come_at_once_ask_once() -> None:
    key_sets = KeySets()

    async def read_all(source: Source) -> None:
        await asyncio.gather(*(key_sets.read(source, key_id="one") for _ in range(5)))

    with serving({"/keys": Publisher("one")}) as (url, asked):
        asyncio.run(read_all(Source(url=f"{url}/keys")))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"issuer": "https://other"}, "calls itself 'https://other'"),
        ([], "calls itself None"),
        ({"issuer": "SELF"}, "tells no jwks_uri"),
        ({"issuer": "SELF", "jwks_uri": "http://keys.example/"}, "must be https"),
    ],
)
def test_an_oidc_provider_speaks_for_itself_alone(document: Any, reason: str) -> None:  # noqa: ANN401
    answers: Any = {}
    with serving(answers) as (url, _):
        if isinstance(document, dict) and document["issuer"] == "SELF":
            document = document | {"issuer": url}
        answers["/.well-known/openid-configuration"] = lambda _: (200, document)
        with pytest.raises(LoginRefusedError) as refusal:
            names(KeySets(), Source(url=url, is_discovery=True), "one")
    assert reason in refusal.value.reason
