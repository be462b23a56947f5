"""What a refusal is to the shell: 1 when the server refuses or is away, 2 for wrong input."""

from collections.abc import Iterator
from contextlib import contextmanager

from meshcore.cli.output import fail
from meshcore.lib.errors import InvalidError, MeshError

REFUSED = 1
WRONG_INPUT = 2
DENIED = 2  # of `intention check`, as Consul's
INTERRUPTED = 130  # 128 + SIGINT, as shells count


@contextmanager
def told() -> Iterator[None]:
    """End with a sentence and an exit code where others would end with a traceback."""
    try:
        yield
    except InvalidError as error:
        raise SystemExit(fail(str(error), exit_code=WRONG_INPUT).exit_code) from None
    except MeshError as error:
        raise SystemExit(fail(str(error)).exit_code) from None
    except OSError as error:
        code = WRONG_INPUT if error.filename else REFUSED  # else it is the output that failed
        raise SystemExit(fail(_sentence(error), exit_code=code).exit_code) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _sentence(error: OSError) -> str:
    """Without the number that Python puts before what the system says."""
    return ": ".join(str(part) for part in (error.filename, error.strerror) if part) or str(error)
