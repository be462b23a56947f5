"""What a caller is to know of a refusal; each door turns these into its own codes."""


class MeshError(Exception):
    """A sentence for the caller that names the thing and, where there is one, the way out."""


class NotFoundError(MeshError):
    pass


class InvalidError(MeshError):
    pass


class MisreadError(InvalidError):
    """A file whose syntax is bad, and where in it."""

    def __init__(self, file: str, line: int, column: int, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}")
        self.line = line
        self.column = column
        self.problem = problem


class ConflictError(MeshError):
    """The mesh has moved on since the caller looked (compare-and-set)."""


class DeniedError(MeshError):
    pass


class UnavailableError(MeshError):
    """Nothing was written; the same call may succeed later."""
