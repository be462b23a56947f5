"""What a caller is to know of a refusal; each door turns these into its own codes."""


class MeshError(Exception):
    """A sentence for the caller that names the thing and, where there is one, the way out."""


class NotFoundError(MeshError):
    pass


class InvalidError(MeshError):
    pass


class ConflictError(MeshError):
    """The mesh has moved on since the caller looked (compare-and-set)."""


class DeniedError(MeshError):
    pass


class UnavailableError(MeshError):
    """Nothing was written; the same call may succeed later."""
