"""A value with the change indexes that Consul's clients know as CreateIndex and ModifyIndex."""

from typing import Generic, TypeVar

import msgspec

Value = TypeVar("Value")


class Record(msgspec.Struct, Generic[Value], frozen=True, gc=False):
    """Indexes stand beside the value, so that two equal values stay equal."""

    value: Value
    create_index: int
    modify_index: int
