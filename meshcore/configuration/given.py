import msgspec


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A value somebody wrote, before it is parsed, and where they wrote it."""

    value: object
    source: str
