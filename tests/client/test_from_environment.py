import ssl
from pathlib import Path

import pytest

from meshcore.client.http import from_environment
from meshcore.lib.errors import InvalidError

TULLE = {"TULLE_HTTP_ADDR": "tulle:1", "TULLE_HTTP_TOKEN": "tulle"}
CONSUL = {"CONSUL_HTTP_ADDR": "consul:2", "CONSUL_HTTP_TOKEN": "consul"}


@pytest.fixture(autouse=True)
def _no_data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the tests are run there may be one, with a token in it."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("environ", "address", "token"),
    [
        ({}, "http://127.0.0.1:8500", ""),
        ({"TULLE_HTTP_PORT": "9000"}, "http://127.0.0.1:9000", ""),
        (CONSUL, "http://consul:2", "consul"),
        (CONSUL | TULLE, "http://tulle:1", "tulle"),
        (CONSUL | {"CONSUL_HTTP_SSL": "true"}, "https://consul:2", "consul"),
    ],
)
def test_tulles_variables_come_before_consuls(
    environ: dict[str, str], address: str, token: str
) -> None:
    client = from_environment(environ=environ)
    assert (client.place.text, client.token) == (address, token)


def test_arguments_come_before_variables() -> None:
    client = from_environment(written="here:3", token="mine", environ=CONSUL | TULLE)
    assert (client.place.text, client.token) == ("http://here:3", "mine")


def test_a_token_comes_from_a_file_unless_a_variable_holds_it(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("kept\n")
    environ = {"CONSUL_HTTP_TOKEN_FILE": str(file)}
    found = from_environment(environ=environ)
    assert (found.token, found.token_from) == ("kept", str(file))
    assert from_environment(environ=environ | TULLE).token == "tulle"


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"TULLE_HTTP_TOKEN": "two\nlines"}, "one line of ASCII"),
        ({"TULLE_HTTP_TOKEN_FILE": "/none"}, "cannot read the token file /none: No such file"),
        ({"TULLE_HTTP_TOKEN_FILE": "/dev/null"}, "the token file /dev/null is empty"),
        ({"TULLE_HTTP_ADDR": "https://web", "TULLE_CACERT": "/none"}, "cannot use /none for TLS"),
    ],
)
def test_what_cannot_be_used_is_named_without_the_token(environ: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidError, match=told) as refused:
        from_environment(environ=environ)
    assert "two" not in str(refused.value)


@pytest.mark.parametrize(("verify", "mode"), [("", ssl.CERT_REQUIRED), ("false", ssl.CERT_NONE)])
def test_certificates_are_verified_unless_told_otherwise(verify: str, mode: ssl.VerifyMode) -> None:
    environ = {"CONSUL_HTTP_ADDR": "https://web", "CONSUL_HTTP_SSL_VERIFY": verify}
    tls = from_environment(environ=environ)._tls
    assert tls is not None
    assert tls.verify_mode == mode
