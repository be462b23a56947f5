"""What a caller is told when the database did not take a group."""

import sqlite3

from django.db import Error as DatabaseError

from meshcore.lib.errors import MeshError, UnavailableError

SENTENCES = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_BUSY: "the database is locked by another process",
    sqlite3.SQLITE_LOCKED: "the database is locked by another process",
    sqlite3.SQLITE_READONLY: "the database is read-only",
    sqlite3.SQLITE_CANTOPEN: "the database file cannot be opened",
    sqlite3.SQLITE_IOERR: "the disk failed",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged",
    sqlite3.SQLITE_NOTADB: "the database file is not a database",
}
DISK_FULL = "53100"  # PostgreSQL's SQLSTATE


def unavailable(error: Exception, *, is_ambiguous: bool) -> UnavailableError:
    """Make one error for one caller: an exception that is raised twice mixes up its tracebacks."""
    if is_ambiguous:
        return UnavailableError(
            f"{sentence(error)} since its commit: whether this was written shows when it is back"
        )
    return UnavailableError(f"{sentence(error)}: nothing was written")


def sentence(error: Exception) -> str:
    """Name the cause without what a driver's text may carry: addresses, user names, statements."""
    if isinstance(error, MeshError):
        return str(error)
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0)  # absent when Python itself found the fault
        return SENTENCES.get(code & 0xFF, "the database failed")
    if getattr(cause, "sqlstate", None) == DISK_FULL:
        return "the database's disk is full"
    return "the database is away" if isinstance(error, DatabaseError) else "the writer failed"
