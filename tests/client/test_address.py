import pytest

from meshcore.client.address import Address, address
from meshcore.lib.errors import InvalidError


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("web", Address(text="http://web:8500", host="web", port=8500)),
        ("127.0.0.1:80", Address(text="http://127.0.0.1:80", host="127.0.0.1", port=80)),
        ("[::1]:80", Address(text="http://[::1]:80", host="::1", port=80)),
        ("http://web/", Address(text="http://web", host="web", port=80)),
        ("https://web", Address(text="https://web", host="web", port=443, is_tls=True)),
        (
            "https://web:8501/tulle/",
            Address(
                text="https://web:8501/tulle", host="web", port=8501, prefix="/tulle", is_tls=True
            ),
        ),
        (
            "unix:///run/tulle.sock",
            Address(text="unix:///run/tulle.sock", socket="/run/tulle.sock"),
        ),
    ],
)
def test_an_address_is_understood_as_operators_write_it(written: str, understood: Address) -> None:
    assert address(written, default_port=8500) == understood


@pytest.mark.parametrize(
    "written",
    [
        "",
        ":80",
        "web:http",
        "web:0",
        "web:99999",
        "ftp://web",
        "http://",
        "we b",
        "[::1",
        "unix://",
        f"{'w' * 64}.com",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(InvalidError, match="is no address"):
        address(written, default_port=8500)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(InvalidError, match="holds a user name") as refused:
        address("http://user:hunter2@web", default_port=8500)
    assert "hunter2" not in str(refused.value)
