"""The `filter` parameter: an expression over the rows that an endpoint answers with."""

from collections.abc import Callable
from typing import Any

from meshcore.consul_api.requests import Request
from meshcore.lib import bexpr
from meshcore.lib.errors import InvalidError
from meshcore.wire.errors import Refusal

Predicate = Callable[[Any], bool]


def everything(row: object) -> bool:
    return True


def predicate(request: Request, rows: type[Any]) -> Predicate:
    """What the rows have to fulfil; Consul answers 500 to an expression that it cannot use."""
    text = request.param("filter")
    if not text:
        return everything
    try:
        return bexpr.compile_filter(text, rows)
    except InvalidError as error:
        raise Refusal(500, f"Failed to create boolean expression evaluator: {error}") from error
