"""Values as rows, written behind the log, so that a start replays little of it.

A checkpoint is *fuzzy*: it is written in slices between groups, so that no caller waits for
thousands of rows, and rows may be newer than the index it ends with. Replaying the log over newer
rows does no harm, since an entry says what a value is, not how it differs.

Worked example. Checkpoint is at 10; `web` and `db` have changed in 11 and 12.

    begin at 12   rows to save: web, db
    slice         web's row is written as of 12
    a group       entry 13 changes web and deletes db
    slice         db's row is removed, as of 13; nothing is left to save: checkpoint is at 12
    crash, start  rows: web as of 12, no db; replay of 13: web as of 13, db is not there already

Each slice is written under the counter's lock, from a mesh that has caught up with the log. So of
two processes the later slice has the newer state, and no row ever goes back.
"""

from collections.abc import Iterable

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper
from immutables import Map

from meshcore.lib.errors import UnavailableError
from meshcore.lib.records import Record
from meshcore.mesh.apply import record_of, restored
from meshcore.mesh.encoding import decode_key, decode_value, encode_key, encode_value
from meshcore.mesh.types import Key, Mesh, Topic

Place = tuple[Topic, Key]

# One statement, so that the index and the rows are of one moment without a transaction around them.
LOAD = (
    "SELECT checkpoint.last_index, topic, key, value, create_index, modify_index"
    " FROM mesh_checkpoint AS checkpoint LEFT JOIN mesh_value ON 1 = 1"
)
LAST_INDEX = "SELECT last_index FROM mesh_checkpoint WHERE id = 1"
FINISH = "UPDATE mesh_checkpoint SET last_index = %s WHERE id = 1 AND last_index < %s"
SAVE = (
    "INSERT INTO mesh_value (topic, key, value, create_index, modify_index)"
    " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (topic, key) DO UPDATE SET value = excluded.value,"
    " create_index = excluded.create_index, modify_index = excluded.modify_index"
)
REMOVE = "DELETE FROM mesh_value WHERE topic = %s AND key = %s"


def load(connection: BaseDatabaseWrapper) -> Mesh:
    """Return the mesh of the rows; the log after its index has yet to be replayed."""
    mesh = Mesh()
    with connection.cursor() as cursor:
        cursor.execute(LOAD)
        rows = cursor.fetchall()
    if not rows:
        raise UnavailableError("the database has no checkpoint row: run its migrations")
    for _, topic, key, value, create_index, modify_index in rows:
        if topic is None:  # a checkpoint without values
            break
        record = Record(decode_value(Topic(topic), value), create_index, modify_index)
        mesh = restored(mesh, Topic(topic), decode_key(key), record)
    return at_index(mesh, rows[0][0])


def at_index(mesh: Mesh, index: int) -> Mesh:
    """Return the mesh as one that has known nothing before this index."""
    return msgspec.structs.replace(mesh, index=index, floor=index, touched=Map())


class Unsaved(msgspec.Struct):
    """What has changed since the last checkpoint, and what the running one has yet to write."""

    changed: dict[Place, int] = msgspec.field(default_factory=dict)  # at which index, last
    pending: list[Place] = msgspec.field(default_factory=list)
    goal: int = 0

    def begin(self, mesh: Mesh) -> None:
        self.pending, self.changed, self.goal = list(self.changed), {}, mesh.index

    def forget(self, *, upto: int) -> None:
        """Leave out what another process has saved."""
        self.changed = {place: at for place, at in self.changed.items() if at > upto}


def last_index(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute(LAST_INDEX)
        return int(cursor.fetchone()[0])


def save(connection: BaseDatabaseWrapper, mesh: Mesh, places: Iterable[Place]) -> None:
    """Make these rows what the mesh says; the caller holds the counter's lock and has caught up."""
    saved, removed = [], []
    for topic, key in places:
        record = record_of(mesh, topic, key)
        if record is None:
            removed.append((topic.value, encode_key(key)))
            continue
        value = encode_value(record.value).decode()
        row = (topic.value, encode_key(key), value, record.create_index, record.modify_index)
        saved.append(row)
    with connection.cursor() as cursor:
        if saved:
            cursor.executemany(SAVE, saved)
        if removed:
            cursor.executemany(REMOVE, removed)


def finish(connection: BaseDatabaseWrapper, index: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FINISH, [index, index])
