"""The certificate authority at work: it is asked for leaves, and looks after roots and leaves."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

import msgspec
from django.db import DatabaseError
from prometheus_client import Counter

from meshcore.actions import certificates as actions
from meshcore.certificates import signing
from meshcore.certificates.authority import Authority
from meshcore.certificates.issued import of_server
from meshcore.certificates.sealing import SealingKey
from meshcore.certificates.signing import ServerCertificate
from meshcore.certificates.types import Leaf, Lifetimes
from meshcore.lib.errors import MeshError, UnavailableError
from meshcore.mesh import watch
from meshcore.store import issued
from meshcore.store.authorities import ACTOR, IN_TIME, Authorities, utc_now
from meshcore.store.failures import sentence
from meshcore.store.leaves import Leaves
from meshcore.store.rotations import Pems, Rotations
from meshcore.store.store import Store

LONGEST_PAUSE = timedelta(seconds=30)
SHORTEST_PAUSE = timedelta(milliseconds=200)
OF_ANOTHER = timedelta(minutes=5)  # that a trouble stands which another process has noted

FAILURES = Counter(
    "tulle_certificates_failures", "How often this process could not look after certificates."
)

log = logging.getLogger(__name__)


def in_time(_lifetimes: Lifetimes) -> timedelta:
    return IN_TIME


class IssuedLeaf(msgspec.Struct, frozen=True):
    leaf: Leaf
    private_key_pem: str

    def __repr__(self) -> str:
        return f"IssuedLeaf({self.leaf.spiffe_id}, {self.leaf.serial})"


class Issuer:
    def __init__(
        self,
        store: Store,
        *,
        sealing_key: SealingKey,
        datacenter: str,
        lifetimes: Lifetimes,
        trust_domain: str | None = None,
        hosts: Iterable[str] = (),
        own: Pems | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._authorities = Authorities(
            store, sealing_key=sealing_key, lifetimes=lifetimes, now=now
        )
        self.rotations = Rotations(self._authorities)
        self.leaves = Leaves(self._authorities, datacenter=datacenter)
        self._sealing_key = sealing_key
        self._datacenter = datacenter
        self._first_lifetimes = lifetimes
        self._trust_domain = trust_domain
        self._hosts = tuple(hosts)
        self._own = own
        self._now = now
        self._recorded: ServerCertificate | None = None
        self._trouble = ""
        self._server: tuple[Authority, ServerCertificate] | None = None

    async def prepare(self) -> None:
        """On the first start of all make the cluster's identity and its root."""
        await self.rotations.prepare(
            self._first_lifetimes, trust_domain=self._trust_domain, own=self._own
        )

    @property
    def lifetimes(self) -> Lifetimes:
        return self._authorities.lifetimes

    async def leaf(self, key: str, service: str) -> IssuedLeaf:
        """The leaf that is in force for this key, or a new one when there is none or it is due."""
        current = await self.leaves.leaf(key, service)
        return IssuedLeaf(leaf=current, private_key_pem=self.private_key_pem(current))

    def is_over(self, leaf: Leaf) -> bool:
        return self._now() >= leaf.not_after

    def private_key_pem(self, leaf: Leaf) -> str:
        return signing.key_pem(leaf, keys=(self._sealing_key,)).decode()

    async def run(self, *, lateness: Callable[[Lifetimes], timedelta] = in_time) -> None:
        """Look after roots and leaves until cancelled; with lateness, after what others leave."""
        while True:
            seen = self._store.mesh.index
            pause = min(LONGEST_PAUSE, self.lifetimes.leaf / 10)
            next_date = await self.look_after(lateness=lateness(self.lifetimes))
            if next_date is not None:
                pause = min(max(next_date - self._now(), SHORTEST_PAUSE), pause)
            else:
                await asyncio.sleep(pause.total_seconds())
            # A rotation that an operator begins goes on at once, not at the end of the pause.
            await self._store.changed((watch.ROOTS,), after=seen, timeout_s=pause.total_seconds())

    async def look_after(self, *, lateness: timedelta = IN_TIME) -> datetime | None:
        """Take what is due; return when something is again, or None when it could not be done."""
        try:
            next_date = min(
                await self.rotations.advance(lateness=lateness),
                await self.leaves.renew(lateness=lateness),
            )
            await self._record_server()
            await self._note("")
        except MeshError as error:
            await self._note(str(error))
        except Exception as error:  # the outermost loop: certificates must go on being looked after
            log.exception("looking after certificates failed")
            await self._note(f"an error of Tulle itself, {type(error).__name__}: its log says more")
        else:
            return next_date
        FAILURES.inc()
        return None

    def server_certificate(self) -> ServerCertificate:
        """For the TLS endpoint of xDS; new when the root has changed or half its life is over."""
        signer = self._authorities.active
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

    async def _record_server(self) -> None:
        """It is made in the middle of a handshake, where nothing can be written."""
        made = self._server[1] if self._server else None
        if made is None or made is self._recorded:
            return
        record = partial(issued.insert_from_thread, of_server(made), alias=self._store.alias)
        try:
            await asyncio.to_thread(record)
        except DatabaseError as error:
            raise UnavailableError(f"no certificate can be recorded: {sentence(error)}") from error
        self._recorded = made

    async def _note(self, trouble: str) -> None:
        """Say it where an operator looks; in the log once, not at each try."""
        if trouble != self._trouble:
            if trouble:
                log.warning("certificates cannot be looked after: %s", trouble)
            else:
                log.info("certificates are looked after again")
        was_ours, self._trouble = bool(self._trouble), trouble
        trust = self._store.mesh.certificates.trust
        noted = trust.value.trouble if trust else None
        if not trouble and noted and not was_ours and self._now() < noted.since + OF_ANOTHER:
            return  # another process is in trouble, which this one does not know better
        if trouble == (noted.text if noted else ""):
            return
        try:
            await self._store.write(
                partial(actions.note_trouble, text=trouble, now=self._now()), actor=ACTOR
            )
        except MeshError as error:
            log.warning("the trouble with certificates cannot be noted: %s", error)
