from datetime import UTC, datetime

import pytest

from meshcore.certificates import authority, sealing
from meshcore.certificates.authority import Authority
from meshcore.certificates.sealing import SealingKey
from meshcore.certificates.spiffe import ServiceId
from meshcore.certificates.types import Lifetimes, Root

TRUST_DOMAIN = "11111111-2222-3333-4444-555555555555.consul"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def trust_domain() -> str:
    return TRUST_DOMAIN


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def lifetimes() -> Lifetimes:
    return Lifetimes()


@pytest.fixture(scope="session")
def sealing_key() -> SealingKey:
    return sealing.parse("11" * 32)


@pytest.fixture(scope="session")
def web() -> ServiceId:
    return ServiceId(trust_domain=TRUST_DOMAIN, datacenter="dc1", service="web")


@pytest.fixture(scope="session")
def root(sealing_key: SealingKey, lifetimes: Lifetimes) -> Root:
    return authority.new_root(
        trust_domain=TRUST_DOMAIN,
        name="first",
        now=NOW,
        lifetimes=lifetimes,
        sealing_key=sealing_key,
    )


@pytest.fixture(scope="session")
def signer(root: Root, sealing_key: SealingKey) -> Authority:
    return authority.load(root, trusted=[root], keys=[sealing_key])
