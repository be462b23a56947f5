"""The first management token of a mesh: made by the first server, in a file for its owner.

The file is written before the store. A server that dies in between finds its secret there when it
starts again, and makes the token of it; the other way round there would be a token whose secret
nobody knows. Of several servers on one database one makes the token, and the others take their
files away again.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from meshcore.acl.types import ANONYMOUS_SECRET, ANONYMOUS_TOKEN, GLOBAL_MANAGEMENT, Token
from meshcore.actions import acl
from meshcore.client import bootstrap_token
from meshcore.configuration import private_files
from meshcore.configuration.types import Configuration
from meshcore.lib.errors import InvalidError
from meshcore.mesh.types import Change, Mesh
from meshcore.store.callers import Callers
from meshcore.store.store import Store

ACTOR = "server"

log = logging.getLogger("tulle")


async def make_tokens(store: Store, callers: Callers, configuration: Configuration) -> None:
    """Make what a mesh with ACLs begins with, where it is not there yet."""
    given = configuration.acl_initial_management_token
    file = file_of(configuration)
    if store.mesh.acl.bootstrap is None:
        await bootstrap(store, callers, secret=kept(file, given), file=file)
    elif given and callers.hashed(given) not in store.mesh.acl.accessors:
        await store.write(partial(add, token=management_token(callers, given)), actor=ACTOR)
        log.warning("the secret of acl_initial_management_token was no token's: it is one's again")


def file_of(configuration: Configuration) -> Path:
    return configuration.data_dir / bootstrap_token.NAME


def keep(configuration: Configuration, secret: str) -> None:
    """In the place of a first token that was lost."""
    private_files.replace(file_of(configuration), secret)


async def bootstrap(store: Store, callers: Callers, *, secret: str, file: Path) -> None:
    anonymous = partial(
        acl.set_up,
        secret_hash=callers.hashed(ANONYMOUS_SECRET),
        sealed_secret=callers.sealed(ANONYMOUS_SECRET, accessor_id=ANONYMOUS_TOKEN),
        now=datetime.now(UTC),
    )
    first = management_token(callers, secret)

    def action(mesh: Mesh) -> Iterator[Change]:
        yield from anonymous(mesh)
        if mesh.acl.bootstrap is None:  # else another server was first
            yield from acl.bootstrap(mesh, first)

    written = await store.write(action, actor=ACTOR, reason="first start")
    if callers.hashed(secret) in written.mesh.acl.accessors:
        log.warning("the first management token was made: it is in %s", file)
        return
    withdraw(file)


def withdraw(file: Path) -> None:
    file.unlink(missing_ok=True)
    log.info("another server has made the first management token: it is in that one's data dir")


def add(mesh: Mesh, token: Token) -> Iterator[Change]:
    if token.secret_hash not in mesh.acl.accessors:
        yield from acl.create_token(mesh, token)


def kept(file: Path, given: str | None) -> str:
    """Put the secret into the file, or take that of a first start that came to no end."""
    if given:
        private_files.replace(file, given)
        return given
    private_files.create(file, str(uuid4()))
    secret = private_files.read(file, what="a management token")
    if not secret:
        raise InvalidError(f"{file} is empty; remove it and a new token is made")
    return secret


def management_token(callers: Callers, secret: str) -> Token:
    accessor_id = str(uuid4())
    return Token(
        accessor_id=accessor_id,
        secret_hash=callers.hashed(secret),
        sealed_secret=callers.sealed(secret, accessor_id=accessor_id),
        created_at=datetime.now(UTC),
        description="Initial Management Token",
        policies=(GLOBAL_MANAGEMENT,),
    )
