from datetime import UTC, datetime

import pytest

from meshcore.proxycfg.state import ConnectedProxy, Drift, ProxyState, ResourceState, drift

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STREAM = ConnectedProxy(
    proxy_id="web",
    proxy=None,
    peer="",
    since=NOON,
    accessor="",
    envoy_version="1.39.0",
    pushes=1,
    unsettled=0,
    nacks=(),
)
OLD, NEW = "9f8e7d6c5b4a", "a1b2c3d4e5f6"


def listener(
    wanted: str | None,
    sent: str | None,
    acknowledged: str | None,
    *,
    refusal: str = "",
    is_asked_for: bool = True,
) -> ResourceState:
    return ResourceState(
        kind="listener",
        name="public",
        wanted=wanted,
        sent=sent,
        acknowledged=acknowledged,
        sent_at=NOON,
        refusal=refusal,
        is_asked_for=is_asked_for,
    )


def told(resource: ResourceState) -> list[Drift]:
    return list(drift(ProxyState(stream=STREAM, resources=(resource,))))


@pytest.mark.parametrize(
    ("resource", "sentence"),
    [
        (
            listener(NEW, NEW, OLD),
            "wanted in version a1b2c3, acknowledged in 9f8e7d, sent and not answered yet",
        ),
        (
            listener(NEW, OLD, OLD),
            "wanted in version a1b2c3, acknowledged in 9f8e7d, not sent yet",
        ),
        (
            listener(NEW, NEW, None),
            "wanted in version a1b2c3, never acknowledged, sent and not answered yet",
        ),
        (
            listener(NEW, NEW, OLD, refusal="no such filter"),
            "wanted in version a1b2c3, acknowledged in 9f8e7d, refused: no such filter",
        ),
        (listener(None, OLD, OLD), "to be removed, acknowledged in 9f8e7d, not sent yet"),
        (
            listener(None, None, OLD),
            "to be removed, acknowledged in 9f8e7d, sent and not answered yet",
        ),
    ],
)
def test_drift_says_what_is_wanted_what_is_there_and_what_is_in_the_way(
    resource: ResourceState, sentence: str
) -> None:
    assert told(resource) == [
        Drift(kind="listener", name="public", sentence=sentence, sent_at=NOON)
    ]


@pytest.mark.parametrize(
    "resource",
    [listener(NEW, NEW, NEW), listener(NEW, None, None, is_asked_for=False)],
    ids=["acknowledged as wanted", "nothing refers to it"],
)
def test_what_is_as_it_should_be_is_no_drift(resource: ResourceState) -> None:
    assert told(resource) == []
    assert ProxyState(stream=STREAM, resources=(resource,)).is_settled
