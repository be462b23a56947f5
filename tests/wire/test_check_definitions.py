"""What the words of a check's definition come to."""

import msgspec
import pytest

from meshcore.registry.types import CheckDefinition
from meshcore.wire.check_definitions import CheckIn, check_of
from meshcore.wire.decoding import decode


@pytest.mark.parametrize(
    ("written", "definition"),
    [
        ({"HTTP": "http://web/"}, CheckDefinition(http="http://web/")),
        pytest.param(
            {"HTTP": "http://web/", "DisableRedirects": False},
            CheckDefinition(http="http://web/", follows_redirects=True),
            id="redirects are followed only where the client says so",
        ),
        (
            {"HTTP": "http://web/", "DisableRedirects": True},
            CheckDefinition(http="http://web/", disable_redirects=True),
        ),
        pytest.param(
            {"H2PING": "web:80"},
            CheckDefinition(h2ping="web:80", h2ping_use_tls=True),
            id="an HTTP/2 ping is over TLS unless told otherwise",
        ),
        ({"H2PING": "web:80", "H2PingUseTLS": False}, CheckDefinition(h2ping="web:80")),
    ],
)
def test_what_is_left_unsaid(written: dict[str, object], definition: CheckDefinition) -> None:
    given = decode(msgspec.json.encode(written), CheckIn)
    assert check_of(given, node="node-1", check_id="web", name="web").definition == definition
