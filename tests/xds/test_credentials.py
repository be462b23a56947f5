"""When gRPC is given another certificate; tests/e2e/test_handshakes.py has the handshakes."""

import threading
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from meshcore.certificates import authority, sealing, signing
from meshcore.certificates.signing import ServerCertificate
from meshcore.certificates.types import Lifetimes
from meshcore.lib.errors import InvalidError
from meshcore.xds import credentials
from meshcore.xds.credentials import replacements

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = sealing.parse("11" * 32)


def certificate() -> ServerCertificate:
    root = authority.new_root(
        trust_domain="one.consul", name="root", now=NOW, lifetimes=Lifetimes(), sealing_key=KEY
    )
    signer = authority.load(root, trusted=[root], keys=[KEY])
    return signing.server_certificate(
        datacenter="dc1", authority=signer, now=NOW + timedelta(seconds=1)
    )


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "SETTLING_S", 0.001)


def test_each_new_certificate_is_given_out_once() -> None:
    first, second = certificate(), certificate()
    wanted = first
    changed = replacements(lambda: wanted, first)
    assert changed() is None
    wanted = second
    assert isinstance(changed(), grpc.ServerCertificateConfiguration)
    assert changed() is None


def test_of_many_at_once_one_replaces() -> None:
    first, second = certificate(), certificate()
    changed = replacements(lambda: second, first)
    answers: list[object] = []
    asking = [threading.Thread(target=lambda: answers.append(changed())) for _ in range(20)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert [answer is None for answer in answers].count(False) == 1


def test_one_that_cannot_be_made_leaves_the_old_one(caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> ServerCertificate:
        raise InvalidError("root aa:01 cannot sign")

    assert replacements(refuse, certificate())() is None
    assert "the xDS endpoint keeps its certificate: root aa:01 cannot sign" in caplog.text
