"""Refusals as Consul words them: a status and plain text, no envelope."""

import msgspec

from meshcore.lib.errors import (
    ConflictError,
    DeniedError,
    InvalidError,
    MeshError,
    NotFoundError,
    UnavailableError,
)

STATUSES: tuple[tuple[type[MeshError], int], ...] = (
    (NotFoundError, 404),
    (InvalidError, 400),
    (ConflictError, 409),
    (DeniedError, 403),
    (UnavailableError, 503),
)


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """An answer that the protocol itself calls for, with the status that Consul gives it."""

    def __init__(
        self, status: int, text: str, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


def refusal(error: MeshError | Refusal) -> Refusal:
    if isinstance(error, Refusal):
        return error
    status = next((code for kind, code in STATUSES if isinstance(error, kind)), 500)
    return Refusal(status, str(error))


def undecodable(
    error: msgspec.MsgspecError | ValueError, *, what: str = "Request decode"
) -> Refusal:
    return Refusal(400, f"{what} failed: {error}")
