"""Files in a gzipped tar with the sums of their bytes, so that a damaged one is noticed."""

import hashlib
import io
import tarfile
from collections.abc import Mapping

from meshcore.lib.errors import InvalidError

SUMS = "SHA256SUMS"
LARGEST = 2**31  # bytes of one file, unpacked: beyond that it is a bomb


def pack(files: Mapping[str, bytes], *, at_s: float) -> bytes:
    sums = "".join(f"{hashlib.sha256(file).hexdigest()}  {name}\n" for name, file in files.items())
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz", compresslevel=5) as archive:
        for name, file in (*files.items(), (SUMS, sums.encode())):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(file), 0o600, int(at_s)
            archive.addfile(entry, io.BytesIO(file))
    return written.getvalue()


def unpack(content: bytes, *, what: str) -> dict[str, bytes]:
    """Raise InvalidError for what is no such archive, or one whose files are not what it says."""
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for entry in archive:
                if entry.size > LARGEST:
                    raise InvalidError(f"this {what} is damaged: {entry.name} is too large")
                if (file := archive.extractfile(entry)) is not None:
                    files[entry.name] = file.read()
    except (tarfile.TarError, OSError, EOFError) as error:
        raise InvalidError(f"this is no {what}: {error}") from None
    if SUMS not in files:
        raise InvalidError(f"this is no {what}: it has no {SUMS}")
    for line in files.pop(SUMS).decode(errors="replace").splitlines():
        digest, _, name = line.partition("  ")
        if hashlib.sha256(files.get(name, b"")).hexdigest() != digest:
            raise InvalidError(f"this {what} is damaged: {name} is not what {SUMS} says")
    return files
