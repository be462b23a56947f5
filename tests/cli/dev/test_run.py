import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcore.cli.dev.run import make_private, only_one
from meshcore.lib.errors import ConflictError


@pytest.fixture
def _restored_umask() -> Iterator[None]:
    before = os.umask(0)
    os.umask(before)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_restored_umask")
def test_what_is_written_in_the_data_dir_is_for_nobody_else(tmp_path: Path) -> None:
    data_dir = tmp_path / ".tulle"
    make_private(data_dir)
    (data_dir / "tulle.db").touch()
    modes = [stat.S_IMODE((data_dir / name).stat().st_mode) for name in ("logs", "tulle.db")]
    assert modes == [0o700, 0o600]
    assert not stat.S_IMODE(data_dir.stat().st_mode) & (stat.S_IRWXO & ~stat.S_IXOTH)


def test_a_second_run_in_one_data_dir_is_refused_while_the_first_one_runs(tmp_path: Path) -> None:
    lock = tmp_path / "dev.lock"
    with (
        only_one(lock),
        pytest.raises(ConflictError, match=rf"already runs in {tmp_path} \(pid {os.getpid()}\)"),
        only_one(lock),
    ):
        pass
    with only_one(lock):
        assert lock.read_text() == str(os.getpid())
