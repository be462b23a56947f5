"""Leaves: made for who asks, and new ones when they are due, many at a time.

Several processes may do it at once: a leaf that another one has replaced meanwhile stays.
"""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from prometheus_client import Counter

from meshcore.actions import certificates as actions
from meshcore.actions.certificates import Issued
from meshcore.certificates import rotation, signing
from meshcore.certificates.holders import holder
from meshcore.certificates.spiffe import ServiceId
from meshcore.certificates.types import Leaf
from meshcore.lib.errors import MeshError, UnavailableError
from meshcore.mesh.types import Mesh
from meshcore.store.authorities import ACTOR, IN_TIME, Authorities

ISSUED = Counter("tulle_certificates_issued", "Leaves that this process has issued.")
SIGNED_AT_ONCE = 64  # between two looks at the event loop: some 10 ms
NOTHING_DUE = timedelta(seconds=30)


Asked = dict[tuple[str, str], asyncio.Future[Leaf]]  # by key and service


class Leaves:
    def __init__(self, authorities: Authorities, *, datacenter: str) -> None:
        self._authorities = authorities
        self._store = authorities.store
        self._datacenter = datacenter
        self._asked: Asked = {}
        self._signing: asyncio.Task[None] | None = None

    async def leaf(self, key: str, service: str) -> Leaf:
        """The one that is in force for this key, or a new one when there is none or it is due."""
        current = self._store.mesh.certificates.leaf(key)
        if current is not None and current.service == service and not self._is_due(current):
            return current
        asked = self._asked.get((key, service))
        if asked is None or asked.done():
            asked = self._asked[key, service] = asyncio.get_running_loop().create_future()
            if self._signing is None:
                self._signing = asyncio.create_task(self._sign_what_is_asked())
        return await asyncio.shield(asked)

    async def renew(self, *, lateness: timedelta = IN_TIME) -> datetime:
        """Replace the leaves that have been due for so long, drop those whose owner is gone.

        Return the next date.
        """
        mesh, now = self._store.mesh, self._authorities.now() - lateness
        dates = self._renewals(mesh)
        due = [key for key, at in dates.items() if at <= now]
        unused = frozenset(key for key in due if not _is_in_use(mesh, key))
        if unused:
            forget = partial(actions.forget_leaves, keys=unused)
            await self._store.write(forget, actor=ACTOR, reason="nobody is there to use them")
        wanted = [key for key in due if key not in unused]
        writing: asyncio.Task[Mesh] | None = None
        for start in range(0, len(wanted), SIGNED_AT_ONCE):
            made = tuple(self._renewed(wanted[start : start + SIGNED_AT_ONCE]))
            if writing is not None:
                await writing  # one is signed while another is written, and no more than that
            writing = asyncio.create_task(self._put(made))
            await asyncio.sleep(0)
        if writing is not None:
            await writing
        return min((at for at in dates.values() if at > now), default=now + NOTHING_DUE) + lateness

    async def _sign_what_is_asked(self) -> None:
        """When all proxies come at once one action writes many; who comes alone waits for nobody.

        Whoever asks for the same leaf meanwhile waits for the one that is being made.
        """
        try:
            while asked := dict(list(self._asked.items())[:SIGNED_AT_ONCE]):
                try:
                    written = await self._put(tuple(self._made(asked)))
                except Exception as error:  # noqa: BLE001 it is raised where each was asked for
                    _refuse(asked.values(), error)
                else:
                    _answer(asked, written)
                for key_and_service, answer in asked.items():
                    if self._asked.get(key_and_service) is answer:
                        del self._asked[key_and_service]
        finally:
            self._signing = None

    def _made(self, asked: Asked) -> Iterator[Issued]:
        """What cannot be signed, as for a name that fits into no identity, costs only itself."""
        known = self._store.mesh.certificates
        for (key, service), answer in asked.items():
            current = known.leaf(key)
            try:
                made = self._signed(service)
            except MeshError as error:
                _refuse([answer], error)
            else:
                yield Issued(key, made, current.serial if current else None)

    def _renewals(self, mesh: Mesh) -> dict[str, datetime]:
        active = self._authorities.active.root
        leaves = mesh.certificates.leaves
        spread = rotation.spread_over(len(leaves))
        return {
            key: rotation.renewal(record.value, active=active, spread=spread).at
            for key, record in leaves.items()
        }

    def _renewed(self, keys: Iterable[str]) -> Iterator[Issued]:
        """What another process has replaced or dropped since is left out."""
        certificates = self._store.mesh.certificates
        for key in keys:
            leaf = certificates.leaf(key)
            if leaf is not None and self._is_due(leaf):
                yield Issued(key, self._signed(leaf.service), leaf.serial)

    def _is_due(self, leaf: Leaf) -> bool:
        spread = rotation.spread_over(len(self._store.mesh.certificates.leaves))
        active = self._authorities.active.root
        return self._authorities.now() >= rotation.renewal(leaf, active=active, spread=spread).at

    def _signed(self, service: str) -> Leaf:
        return signing.issue(
            ServiceId(
                trust_domain=self._store.mesh.certificates.trust_domain,
                datacenter=self._datacenter,
                service=service,
            ),
            authority=self._authorities.active,
            now=self._authorities.now(),
            lifetimes=self._authorities.lifetimes,
            sealing_key=self._authorities.sealing_key,
        )

    async def _put(self, made: tuple[Issued, ...]) -> Mesh:
        action = partial(actions.put_leaves, issued=made)
        written = await self._store.write(action, actor=ACTOR)
        ISSUED.inc(len(written.changes))
        return written.mesh


def _answer(asked: Asked, written: Mesh) -> None:
    for (key, service), answer in asked.items():
        leaf = written.certificates.leaf(key)
        if answer.done():
            continue  # it could not be signed
        if leaf is not None:
            answer.set_result(leaf)
        else:
            dropped = f"the certificate of {service} was dropped while it was renewed: ask again"
            _refuse([answer], UnavailableError(dropped))


def _refuse(answers: Iterable[asyncio.Future[Leaf]], error: Exception) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(error)
            answer.exception()  # whoever asked may have gone; then nobody is to be told


def _is_in_use(mesh: Mesh, key: str) -> bool:
    """Leaves fetched over HTTP are made again when somebody asks."""
    owner = holder(key)
    return owner.is_instance and (owner.node, owner.service_id) in mesh.registry.instances
