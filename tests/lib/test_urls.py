import pytest

from meshcore.lib.errors import InvalidError
from meshcore.lib.urls import trustworthy


@pytest.mark.parametrize(
    "url",
    [
        "https://keys.example/jwks?tenant=1",
        "https://10.0.0.1:8443",
        "http://localhost:8080/keys",
        "http://127.0.0.2/keys",
        "http://[::1]:80/keys",
    ],
)
def test_https_and_this_machine_are_trusted(url: str) -> None:
    assert trustworthy(url, what="JWKSURL").geturl() == url


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "http://keys.example/jwks",
            'JWKSURL "http://keys.example/jwks" must be https: anybody on the way could change it',
        ),
        ("file:///etc/passwd", 'JWKSURL "file:///etc/passwd" is no URL: write it as '),
        ("https://", 'JWKSURL "https://" is no URL: write it as '),
        ("https://a:port/", 'JWKSURL "https://a:port/" is no URL: Port could not be cast'),
        ("https://a\n/", "JWKSURL"),
        ("https://me:secret@a/", "JWKSURL must hold neither a user nor a fragment"),
        ("http://127.0.0.1.example/", "JWKSURL"),
    ],
)
def test_everything_else_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        trustworthy(url, what="JWKSURL")
    assert str(refusal.value).startswith(sentence)
