"""From one root to the next: the decisions of certificates/rotation.py are taken to the store.

Several processes may do it at once: each step is decided on the mesh again when its action runs,
so the second one changes nothing.
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import msgspec

from meshcore.actions import certificates as actions
from meshcore.certificates import authority, given, rotation
from meshcore.certificates.rotation import Activate, Prepare, Prune, Wait
from meshcore.certificates.types import Lifetimes, Root, Trust
from meshcore.lib.errors import ConflictError, InvalidError
from meshcore.mesh.types import Mesh
from meshcore.store.authorities import ACTOR, IN_TIME, Authorities

log = logging.getLogger(__name__)

MADE, GIVEN = "Tulle CA Root Cert", "Given CA Root Cert"


class Pems(msgspec.Struct, frozen=True):
    """A certificate authority of the operator's own, as certificates/given.py reads it."""

    certificates: str
    private_key: str

    def __repr__(self) -> str:
        return "Pems(***)"


class Rotations:
    def __init__(self, authorities: Authorities) -> None:
        self._authorities = authorities
        self._store = authorities.store

    async def prepare(
        self, lifetimes: Lifetimes, *, trust_domain: str | None, own: Pems | None
    ) -> None:
        """On the first start of all make the cluster's identity and its root, or take `own`."""
        trust = Trust(cluster_id=str(uuid4()), lifetimes=lifetimes, own_domain=trust_domain)
        await self._store.write(partial(actions.set_up, trust=trust), actor=ACTOR)
        if own is not None:
            await self._settle(own)
        await self.advance()

    async def advance(self, *, lateness: timedelta = IN_TIME) -> datetime:
        """Take the steps that have been due for so long; return when the next one is."""
        while True:
            step = rotation.next_step(
                self._roots(self._store.mesh),
                lifetimes=self._authorities.lifetimes,
                now=self._authorities.now() - lateness,
            )
            if isinstance(step, Wait):
                return min(step.until, rotation.NEVER - lateness) + lateness
            await self.take(step)

    async def rotate(
        self, *, actor: str = ACTOR, reason: str = "", replaces_given: bool = False
    ) -> None:
        """Begin the change to a new root, as an operator asks for it."""
        now = self._authorities.now()
        step = rotation.requested(
            self._roots(self._store.mesh), now=now, replaces_given=replaces_given
        )
        await self._add(self._made(now), step, actor=actor, reason=reason or "it was asked for")
        await self.advance()

    async def adopt(
        self,
        pems: Pems,
        *,
        lifetimes: Lifetimes | None = None,
        actor: str,
        reason: str = "",
        is_voucher_needed: bool = True,
    ) -> None:
        """Begin the change to a root that an operator gives; a bad one changes nothing.

        `lifetimes` are those that are to come, by which it is judged.
        """
        now = self._authorities.now()
        root = self._given(pems, now, lifetimes=lifetimes or self._authorities.lifetimes)
        if (known := self._store.mesh.certificates.root(root.id)) is not None:
            if known.state == "retiring":
                pruned_at = rotation.pruned_at(known, self._authorities.lifetimes)
                raise ConflictError(
                    f"root {root.id} is being retired: it can be given again when it is pruned,"
                    f" at {pruned_at:%Y-%m-%d %H:%M} UTC"
                )
            return  # it is in force, or about to be
        step = rotation.requested(self._roots(self._store.mesh), now=now, replaces_given=True)
        if not is_voucher_needed:
            step = step._replace(vouched_for_by=None)
        await self._add(root, step, actor=actor, reason=reason or "an operator gave it")
        await self.advance()

    async def _settle(self, own: Pems) -> None:
        """Take the root of the settings, once; where another one signs, a bad one is only said."""
        certificates = self._store.mesh.certificates
        assert certificates.trust is not None, "set_up has been written"
        try:
            root = self._given(own, self._authorities.now(), lifetimes=self._authorities.lifetimes)
            if certificates.trust.value.settled_root == root.id:
                return
            await self.adopt(own, actor=ACTOR, reason="the settings name it")
        except (InvalidError, ConflictError) as error:
            if certificates.active_root() is None:
                raise
            log.warning("the root of the settings is not taken: %s", error)
            return
        await self._store.write(partial(actions.settle_root, root_id=root.id), actor=ACTOR)

    async def take(self, step: Prepare | Activate | Prune) -> None:
        match step:
            case Prepare():
                made = self._made(self._authorities.now())
                await self._add(made, step, actor=ACTOR, reason=f"root {step.reason}")
            case Activate():
                action = partial(actions.activate, step=step, now=self._authorities.now())
                await self._store.write(action, actor=ACTOR, reason="the overlap is over")
            case Prune():
                action = partial(actions.prune, step=step)
                await self._store.write(action, actor=ACTOR, reason="no leaf needs it any more")

    async def _add(self, root: Root, step: Prepare, *, actor: str, reason: str) -> None:
        if step.vouched_for_by is not None:
            root = self._vouched_for(root)
        action = partial(actions.prepare, root=root, step=step)
        await self._store.write(action, actor=actor, reason=reason)

    def _vouched_for(self, root: Root) -> Root:
        older = self._authorities.active
        if older.root.certificate_pem == root.certificate_pem:
            return root  # another intermediate of the same root: who knows that one knows both
        try:
            return authority.cross_sign(
                root,
                by=older,
                now=self._authorities.now(),
                lifetimes=self._authorities.lifetimes,
            )
        except InvalidError as error:
            raise ConflictError(
                f"{error}; with ForceWithoutCrossSigning (--without-cross-signing) it is done"
                " without, and a proxy that is away during the overlap is not understood until it"
                " has heard of the new root"
            ) from error

    def _made(self, now: datetime) -> Root:
        return authority.new_root(
            trust_domain=self._store.mesh.certificates.trust_domain,
            name=MADE,
            now=now,
            lifetimes=self._authorities.lifetimes,
            sealing_key=self._authorities.sealing_key,
        )

    def _given(self, pems: Pems, now: datetime, *, lifetimes: Lifetimes) -> Root:
        return given.root_of(
            given.read(pems.certificates, pems.private_key, now=now, lifetimes=lifetimes),
            trust_domain=self._store.mesh.certificates.trust_domain,
            name=GIVEN,
            now=now,
            sealing_key=self._authorities.sealing_key,
        )

    def _roots(self, mesh: Mesh) -> list[Root]:
        return [record.value for record in mesh.certificates.roots.values()]
