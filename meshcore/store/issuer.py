"""The certificate authority at work: it takes the decisions of `certificates` to the store.

Everything it does may be done by several processes at once: each step is decided on the mesh again
when its action runs, so the second one changes nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import msgspec

from meshcore.actions import certificates as actions
from meshcore.certificates import authority, rotation, signing
from meshcore.certificates.authority import Authority
from meshcore.certificates.holders import holder
from meshcore.certificates.rotation import Activate, Prepare, Prune, Wait
from meshcore.certificates.sealing import SealingKey
from meshcore.certificates.signing import ServerCertificate
from meshcore.certificates.spiffe import ServiceId
from meshcore.certificates.types import Leaf, Lifetimes, Trust
from meshcore.lib.errors import MeshError
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.store.store import Store

ACTOR = "certificate authority"
LONGEST_PAUSE = timedelta(seconds=30)
SHORTEST_PAUSE = timedelta(milliseconds=200)
RENEWALS_AT_ONCE = 200  # signed between two looks at the event loop

log = logging.getLogger(__name__)


class IssuedLeaf(msgspec.Struct, frozen=True):
    leaf: Leaf
    private_key_pem: str

    def __repr__(self) -> str:
        return f"IssuedLeaf({self.leaf.spiffe_id}, {self.leaf.serial})"


def utc_now() -> datetime:
    return datetime.now(UTC)


class Issuer:
    """Holds the sealing key, and the parsed key of the active root."""

    def __init__(
        self,
        store: Store,
        *,
        sealing_key: SealingKey,
        datacenter: str,
        lifetimes: Lifetimes,
        trust_domain: str | None = None,
        hosts: Iterable[str] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._sealing_key = sealing_key
        self._datacenter = datacenter
        self._lifetimes = lifetimes
        self._trust_domain = trust_domain
        self._hosts = tuple(hosts)
        self._now = now
        self._authority: tuple[object, Authority] | None = None
        self._server: tuple[Authority, ServerCertificate] | None = None

    async def prepare(self) -> None:
        """On the first start of all make the cluster's identity and its root."""
        trust = Trust(
            cluster_id=str(uuid4()), lifetimes=self._lifetimes, own_domain=self._trust_domain
        )
        await self._store.write(partial(actions.set_up, trust=trust), actor=ACTOR)
        await self.advance()

    async def advance(self) -> datetime:
        """Take the steps of the root rotation that are due; return when the next one is."""
        while True:
            mesh = self._store.mesh
            step = rotation.next_step(
                (record.value for record in mesh.certificates.roots.values()),
                lifetimes=self.lifetimes,
                now=self._now(),
            )
            if isinstance(step, Wait):
                return step.until
            await self.take(step)

    async def take(self, step: Prepare | Activate | Prune) -> None:
        match step:
            case Prepare():
                await self._prepare_root(step, actor=ACTOR, reason=f"root {step.reason}")
            case Activate():
                action = partial(actions.activate, step=step, now=self._now())
                await self._store.write(action, actor=ACTOR, reason="the overlap is over")
            case Prune():
                action = partial(actions.prune, step=step)
                await self._store.write(action, actor=ACTOR, reason="no leaf needs it any more")

    async def rotate(self, *, actor: str = ACTOR, reason: str = "") -> None:
        """Begin the change to a new root, as an operator asks for it."""
        known = [record.value for record in self._store.mesh.certificates.roots.values()]
        step = rotation.requested(known, now=self._now())
        await self._prepare_root(step, actor=actor, reason=reason or "it was asked for")
        await self.advance()

    async def leaf(self, key: str, service: str) -> IssuedLeaf:
        """The leaf that is in force for this key, or a new one when there is none or it is due."""
        current = self._store.mesh.certificates.leaf(key)
        if current is None or current.service != service or self._is_due(current):
            current = await self._issue(key, service, current)
        return IssuedLeaf(leaf=current, private_key_pem=self.private_key_pem(current))

    def private_key_pem(self, leaf: Leaf) -> str:
        return signing.key_pem(leaf, keys=(self._sealing_key,)).decode()

    async def renew(self) -> datetime:
        """Replace the leaves that are due, drop those whose owner is gone; return the next date."""
        mesh, now, active = self._store.mesh, self._now(), self.authority.root
        dates = {
            key: rotation.renewal(record.value, active=active).at
            for key, record in mesh.certificates.leaves.items()
        }
        due = [key for key, at in dates.items() if at <= now]
        unused = frozenset(key for key in due if not _is_in_use(mesh, key))
        if unused:
            forget = partial(actions.forget_leaves, keys=unused)
            await self._store.write(forget, actor=ACTOR, reason="nobody is there to use them")
        wanted = [key for key in due if key not in unused]
        for start in range(0, len(wanted), RENEWALS_AT_ONCE):
            batch = wanted[start : start + RENEWALS_AT_ONCE]
            await asyncio.gather(*(self._renew_one(key) for key in batch))
        return min((at for at in dates.values() if at > now), default=now + LONGEST_PAUSE)

    async def run(self) -> None:
        """Look after roots and leaves until cancelled."""
        while True:
            pause = min(LONGEST_PAUSE, self.lifetimes.leaf / 10)
            seen = self._store.mesh.index
            try:
                next_date = min(await self.advance(), await self.renew())
                pause = min(max(next_date - self._now(), SHORTEST_PAUSE), pause)
            except MeshError as error:
                log.warning("certificates are looked after again soon: %s", error)
                await asyncio.sleep(pause.total_seconds())
            # A rotation that an operator begins goes on at once, not at the end of the pause.
            await self._store.changed((watch.ROOTS,), after=seen, timeout_s=pause.total_seconds())

    @property
    def lifetimes(self) -> Lifetimes:
        trust = self._store.mesh.certificates.trust
        return trust.value.lifetimes if trust else self._lifetimes

    @property
    def authority(self) -> Authority:
        """The active root, parsed once for each change of the roots."""
        certificates = self._store.mesh.certificates
        if self._authority is None or self._authority[0] is not certificates.roots:
            active = certificates.active_root()
            assert active is not None, "prepare() has not been awaited"
            loaded = authority.load(
                active, trusted=certificates.trusted_roots(), keys=(self._sealing_key,)
            )
            self._authority = (certificates.roots, loaded)
        return self._authority[1]

    def server_certificate(self) -> ServerCertificate:
        """For the TLS endpoint of xDS; new when the root has changed or half its life is over."""
        signer = self.authority
        if self._server is not None and self._server[0] is signer:
            made = self._server[1]
            if self._now() < made.not_before + (made.not_after - made.not_before) / 2:
                return made
        made = signing.server_certificate(
            datacenter=self._datacenter,
            hosts=self._hosts,
            authority=signer,
            now=self._now(),
        )
        self._server = (signer, made)
        return made

    def _is_due(self, leaf: Leaf) -> bool:
        return self._now() >= rotation.renewal(leaf, active=self.authority.root).at

    async def _renew_one(self, key: str) -> None:
        leaf = self._store.mesh.certificates.leaf(key)
        if leaf is not None:
            await self._issue(key, leaf.service, leaf)

    async def _issue(self, key: str, service: str, current: Leaf | None) -> Leaf:
        identity = ServiceId(
            trust_domain=self._store.mesh.certificates.trust_domain,
            datacenter=self._datacenter,
            service=service,
        )
        made = signing.issue(
            identity,
            authority=self.authority,
            now=self._now(),
            lifetimes=self.lifetimes,
            sealing_key=self._sealing_key,
        )
        replacing = current.serial if current else None
        action = partial(actions.put_leaf, key=key, leaf=made, replacing=replacing)
        written = await self._store.write(action, actor=ACTOR)
        in_force = written.mesh.certificates.leaf(key)
        assert in_force is not None, f"a leaf for {key} was just written"
        return in_force

    async def _prepare_root(self, step: Prepare, *, actor: str, reason: str) -> None:
        certificates = self._store.mesh.certificates
        now = self._now()
        root = authority.new_root(
            trust_domain=certificates.trust_domain,
            name="Tulle CA Root Cert",
            now=now,
            lifetimes=self.lifetimes,
            sealing_key=self._sealing_key,
        )
        if step.vouched_for_by is not None:
            root = authority.cross_sign(root, by=self.authority, now=now, lifetimes=self.lifetimes)
        action = partial(actions.prepare, root=root, step=step)
        await self._store.write(action, actor=actor, reason=reason)


def _is_in_use(mesh: Mesh, key: str) -> bool:
    """Leaves fetched over HTTP are made again when somebody asks."""
    owner = holder(key)
    return owner.is_instance and (owner.node, owner.service_id) in mesh.registry.instances
