"""What stands in a request's body, as a type of ours."""

from typing import TypeVar

import msgspec
from rest_framework.request import Request

from meshcore.lib.errors import InvalidError

Asked = TypeVar("Asked")

LARGEST = 16 * 1024 * 1024


def body(request: Request, kind: type[Asked]) -> Asked:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        raise InvalidError(f"the body is larger than {LARGEST} bytes")
    try:
        return msgspec.convert(request.data, kind)
    except msgspec.ValidationError as error:
        raise InvalidError(f"bad request: {error}") from None
