"""A certificate authority of the operator's own, as the settings name it."""

from pathlib import Path

import pytest

from meshcore.configuration import own_authority
from meshcore.configuration.load import load
from meshcore.configuration.own_authority import OwnAuthority
from meshcore.lib.errors import InvalidError


def files(folder: Path, *, mode: int = 0o600) -> dict[str, str]:
    certificates, key = folder / "ca.pem", folder / "ca.key"
    certificates.write_text("certificates")
    key.write_text("key\n")
    key.chmod(mode)
    return {
        "TULLE_CA_ROOT_CERT_FILE": str(certificates),
        "TULLE_CA_PRIVATE_KEY_FILE": str(key),
    }


def test_both_halves_come_from_files(tmp_path: Path) -> None:
    found = own_authority.read(load(files(tmp_path)).configuration)
    assert found == OwnAuthority("certificates", "key")
    assert "key" not in repr(found)


def test_consul_s_keys_hold_them_as_text(tmp_path: Path) -> None:
    file = tmp_path / "consul.json"
    file.write_text('{"connect": {"ca_config": {"root_cert": "cert", "private_key": "very own"}}}')
    configuration = load({"TULLE_CONFIG_FILE": str(file)}).configuration
    assert own_authority.read(configuration) == OwnAuthority("cert", "very own")
    assert "very own" not in repr(configuration)


def test_none_is_the_default() -> None:
    assert own_authority.read(load({}).configuration) is None


@pytest.mark.parametrize("missing", ["TULLE_CA_PRIVATE_KEY_FILE", "TULLE_CA_ROOT_CERT_FILE"])
def test_half_of_one_names_the_other(tmp_path: Path, missing: str) -> None:
    given = files(tmp_path)
    del given[missing]
    with pytest.raises(InvalidError, match=f"of your own needs {missing} too"):
        own_authority.read(load(given).configuration)


def test_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    given = files(tmp_path, mode=0o644)
    with pytest.raises(InvalidError, match=r"its mode 0644 lets others at it.*chmod 600"):
        own_authority.read(load(given).configuration)


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    given = files(tmp_path) | {"TULLE_CA_ROOT_CERT_FILE": str(tmp_path / "gone.pem")}
    with pytest.raises(InvalidError, match=r"gone\.pem of TULLE_CA_ROOT_CERT_FILE cannot be read"):
        own_authority.read(load(given).configuration)
