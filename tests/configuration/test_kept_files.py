import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from meshcore.configuration import node_id, secret_key
from meshcore.configuration.load import load
from meshcore.configuration.types import Configuration
from meshcore.lib.errors import InvalidError


def configuration(folder: Path, **environ: str) -> Configuration:
    return load({"TULLE_DATA_DIR": str(folder / "kept"), **environ}).configuration


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_key_is_made_for_its_owner_alone_and_kept(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        key = secret_key.read_or_create(configuration(tmp_path))
    finally:
        os.umask(before)
    assert len(key) == 32
    assert mode(tmp_path / "kept") == 0o700
    assert mode(tmp_path / "kept" / "secret.key") == 0o600
    assert secret_key.read_or_create(configuration(tmp_path)) == key
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["secret.key"]


def test_processes_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(secret_key.read_or_create, [configuration(tmp_path)] * 8))
    assert len(keys) == 1


def test_key_in_the_environment_leaves_no_file(tmp_path: Path) -> None:
    found = secret_key.read_or_create(configuration(tmp_path, TULLE_SECRET_KEY="AB" * 32))
    assert found == b"\xab" * 32
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("open_mode", [0o640, 0o604, 0o660])
def test_key_that_others_can_read_is_refused_with_the_way_out(
    tmp_path: Path, open_mode: int
) -> None:
    file = tmp_path / "secret.key"
    file.write_text("ab" * 32)
    file.chmod(open_mode)
    found = configuration(tmp_path, TULLE_SECRET_KEY_FILE=str(file))
    with pytest.raises(InvalidError, match=f"mend it with: chmod 600 {file}"):
        secret_key.read_or_create(found)
    file.chmod(0o600)
    assert secret_key.read_or_create(found) == b"\xab" * 32


def test_file_without_a_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_text("hunter2")
    file.chmod(0o600)
    with pytest.raises(InvalidError) as refusal:
        secret_key.read_or_create(configuration(tmp_path, TULLE_SECRET_KEY_FILE=str(file)))
    assert str(refusal.value).startswith(f"{file} holds no key; it takes 64 hexadecimal digits")


def test_derived_keys_differ_by_purpose() -> None:
    key = bytes(32)
    purposes = {secret_key.derive(key, purpose=purpose) for purpose in ("django", "tokens")}
    assert len(purposes | {key}) == 3


def test_node_keeps_its_id(tmp_path: Path) -> None:
    made = node_id.read_or_create(configuration(tmp_path))
    assert node_id.read_or_create(configuration(tmp_path)) == made
    given = "11111111-2222-3333-4444-555555555555"
    assert node_id.read_or_create(configuration(tmp_path, TULLE_NODE_ID=given)) == given
