"""Consul's `cas`: a write that is done only if nobody else has written since the caller looked."""

from typing import TypeVar

from meshcore.lib.errors import ConflictError
from meshcore.lib.records import Record

Value = TypeVar("Value")


def require_unchanged(record: Record[Value] | None, cas: int | None, *, name: str) -> None:
    """Zero asks that there is none yet; any other number is the ModifyIndex that it must have."""
    if cas is None:
        return
    modify_index = record.modify_index if record else 0
    if modify_index == cas:
        return
    if record is None:
        raise ConflictError(f"{name} is not there, and was to have ModifyIndex {cas}")
    raise ConflictError(f"{name} has ModifyIndex {modify_index}, not {cas}")
