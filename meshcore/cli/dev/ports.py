"""Ports that somebody else has: said before anything starts, with who it is and the way out."""

import errno
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from meshcore.lib.errors import UnavailableError

PROC = Path("/proc")
LISTENING = "0A"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: int
    purpose: str
    way_out: str  # how to make it another port


def require_free(wanted: Iterable[Wanted]) -> None:
    """Raise UnavailableError with a line for each port that cannot be had."""
    taken = [sentence for one in wanted if (sentence := obstacle(one))]
    if taken:
        raise UnavailableError("\n".join(taken))


def obstacle(wanted: Wanted) -> str | None:
    family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do: what lingers from connections of a former run is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((wanted.host, wanted.port))
            probe.listen()
        except OSError as error:
            reason = taken_by(wanted.port) if error.errno == errno.EADDRINUSE else error.strerror
            return (
                f"port {wanted.port} for {wanted.purpose} is not free: {reason}; {wanted.way_out}"
            )
    return None


def taken_by(port: int) -> str:
    inodes = set(listening_inodes(port))
    holders = sorted(f"{command(pid)} (pid {pid})" for pid in owners(inodes))
    return f"used by {', '.join(holders)}" if holders else "used by another process"


def listening_inodes(port: int) -> Iterator[str]:
    for table in (PROC / "net/tcp", PROC / "net/tcp6"):
        if not table.exists():
            continue
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def owners(inodes: set[str]) -> Iterator[int]:
    """Yield the processes that hold one of these sockets; those of other users stay hidden."""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in PROC.glob("[0-9]*"):
        try:
            if any(str(fd.readlink()) in wanted for fd in (process / "fd").iterdir()):
                yield int(process.name)
        except OSError:  # ended meanwhile, or not ours to look into
            continue


def command(pid: int) -> str:
    """Return the name and, for interpreters, what they run: `python -m http.server`."""
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "a process that has just ended"
    shown = [Path(words[0]).name, *words[1:4]]
    return " ".join(word for word in shown if word)
