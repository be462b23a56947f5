import io
import tarfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.actions.snapshots import restore
from meshcore.lib import archives
from meshcore.lib.errors import InvalidError
from meshcore.mesh.apply import apply
from meshcore.mesh.snapshots import META, STATE, Meta, packed, unpacked, values_of
from meshcore.mesh.types import Mesh, Topic
from tests.mesh.strategies import ACTION_STEPS, Step, action

ACTIONS = st.lists(ACTION_STEPS, max_size=5)
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
WHO = Meta(index=9, at=NOW, datacenter="dc1", trust_domain="x.consul", version="0.1.0", key="abcd")


def after(actions: list[list[Step]]) -> Mesh:
    mesh = Mesh()
    for steps in actions:
        mesh = apply(mesh, action(steps)(mesh), index=mesh.index + 1)
    return mesh


def other_machines(then: Mesh, now: Mesh) -> dict[object, object]:
    """Nodes that have another id by now."""
    return {
        (Topic.NODE, (name,)): record.value
        for name, record in now.registry.nodes.items()
        if (before := then.registry.node(name)) and record.value.id not in ("", before.id)
    }


def known(mesh: Mesh) -> dict[object, object]:
    return {(topic, key): value for topic, key, value in values_of(mesh)}


@given(ACTIONS, ACTIONS)
def test_whatever_the_mesh_is_a_restored_snapshot_makes_it_what_it_was(
    then: list[list[Step]], now: list[list[Step]]
) -> None:
    snapshot = unpacked(packed(after(then), WHO))
    assert snapshot.meta == WHO
    mesh = after(now)
    changes = list(restore(mesh, snapshot=snapshot))
    restored = apply(mesh, changes, index=mesh.index + 1)
    assert known(restored) == known(after(then)) | other_machines(after(then), mesh)
    assert list(restore(restored, snapshot=snapshot)) == []


def test_a_damaged_snapshot_is_refused() -> None:
    files = archives.unpack(packed(after([]), WHO), what="snapshot")
    whole = archives.pack(files, at_s=0)
    assert unpacked(whole).meta == WHO
    with pytest.raises(InvalidError, match="this is no snapshot"):
        unpacked(whole[: len(whole) // 2])
    with pytest.raises(InvalidError, match="this is no snapshot"):
        unpacked(b"nothing of the kind")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"meta.json": b"{}", "state.bin": b""}, "those of Consul cannot be restored"),
        ({META: b"{}", STATE: b""}, "holds what this Tulle does not know"),
        ({META: b'{"format": 9}', STATE: b""}, "holds what this Tulle does not know"),
    ],
)
def test_what_is_another_s_is_refused(files: dict[str, bytes], told: str) -> None:
    with pytest.raises(InvalidError, match=told):
        unpacked(archives.pack(files, at_s=0))


def test_a_file_that_is_not_what_its_sum_says_is_named() -> None:
    whole = archives.pack({"a": b"1" * 100_000}, at_s=0)
    assert archives.unpack(whole, what="snapshot") == {"a": b"1" * 100_000}
    sums = b"0" * 64 + b"  a\n"
    with pytest.raises(InvalidError, match="damaged: a is not what SHA256SUMS says"):
        archives.unpack(tarred({"a": b"2", "SHA256SUMS": sums}), what="snapshot")


def tarred(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, file in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(file)
            archive.addfile(entry, io.BytesIO(file))
    return written.getvalue()
