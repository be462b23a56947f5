"""How refusals are told over gRPC."""

from typing import TypeAlias

import grpc

from meshcore.lib.errors import DeniedError
from meshcore.store.callers import UnknownTokenError

Refusal: TypeAlias = tuple[grpc.StatusCode, str]


def refusal(error: DeniedError) -> Refusal:
    is_unknown = isinstance(error, UnknownTokenError)
    code = grpc.StatusCode.UNAUTHENTICATED if is_unknown else grpc.StatusCode.PERMISSION_DENIED
    return code, str(error)
