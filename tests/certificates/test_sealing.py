import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.certificates.sealing import (
    SealingError,
    generate,
    parse,
    seal,
    sealed_under,
    unseal,
)
from meshcore.lib.errors import InvalidError

OLD = parse("11" * 32)
NEW = parse("22" * 32)
SECRET = b"a private key"


@given(st.binary(max_size=300), st.text(max_size=50))
def test_what_is_sealed_opens_again(plaintext: bytes, context: str) -> None:
    sealed = seal(plaintext, key=OLD, context=context)
    assert unseal(sealed, keys=[NEW, OLD], context=context) == plaintext


def test_equal_secrets_look_different_and_neither_shows() -> None:
    first, second = (seal(SECRET, key=OLD, context="root") for _ in range(2))
    assert first != second
    assert SECRET not in first


def test_a_key_that_was_replaced_still_opens_what_it_sealed() -> None:
    sealed = seal(SECRET, key=OLD, context="root")
    assert sealed_under(sealed) == OLD.id
    again = seal(unseal(sealed, keys=[NEW, OLD], context="root"), key=NEW, context="root")
    assert unseal(again, keys=[NEW], context="root") == SECRET


def test_a_missing_key_is_named_and_no_secret_shows() -> None:
    sealed = seal(SECRET, key=OLD, context="root")
    with pytest.raises(SealingError) as refusal:
        unseal(sealed, keys=[NEW], context="root")
    assert str(refusal.value) == f"root is sealed under key {OLD.id}, which is not at hand"


@pytest.mark.parametrize(
    ("sealed", "context"),
    [
        pytest.param(seal(SECRET, key=OLD, context="root"), "leaf", id="for another place"),
        pytest.param(seal(SECRET, key=OLD, context="root")[:-1] + b"\0\0", "root", id="altered"),
        pytest.param(
            seal(SECRET, key=NEW, context="root").replace(NEW.id.encode(), OLD.id.encode()),
            "root",
            id="under the name of another key",
        ),
    ],
)
def test_what_was_tampered_with_does_not_open(sealed: bytes, context: str) -> None:
    with pytest.raises(SealingError, match=f"^{context} does not open with key {OLD.id}"):
        unseal(sealed, keys=[OLD, NEW], context=context)


@pytest.mark.parametrize("sealed", [b"", b"tulle1:", b"tulle2:" + b"0" * 60, SECRET])
def test_what_was_never_sealed_is_refused(sealed: bytes) -> None:
    with pytest.raises(SealingError, match="not a sealed secret"):
        unseal(sealed, keys=[OLD], context="root")


@pytest.mark.parametrize(
    "text",
    [
        "fb" * 32,
        "FB" * 32 + "\n",
        base64.b64encode(b"\xfb" * 32).decode(),
        base64.urlsafe_b64encode(b"\xfb" * 32).decode(),
        base64.urlsafe_b64encode(b"\xfb" * 32).decode().rstrip("=") + "\n",
    ],
)
def test_a_key_is_read_from_hex_and_both_base64_alphabets(text: str) -> None:
    assert parse(text) == parse("fb" * 32)


@pytest.mark.parametrize("text", ["", "secret", "11" * 31, "zz" * 32, "é" * 44, "1" * 10_000])
def test_a_text_that_is_no_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(InvalidError, match="a sealing key is 32 bytes") as wrong:
        parse(text)
    # a decoder's own error, with the text in it, must not hang on to ours
    assert wrong.value.__context__ is None


def test_generated_keys_differ() -> None:
    assert parse(generate()) != parse(generate())


def test_repr_of_a_key_shows_its_id_alone() -> None:
    assert repr(OLD) == f"SealingKey(id='{OLD.id}')"
    assert "1111" not in OLD.id
