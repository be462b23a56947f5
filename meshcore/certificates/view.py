"""The certificates of the mesh at one change index."""

from operator import attrgetter
from typing import TypeVar

import msgspec
from immutables import Map

from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.lib.errors import NotFoundError
from meshcore.lib.records import Record

Value = TypeVar("Value")


class Certificates(msgspec.Struct, frozen=True):
    trust: Record[Trust] | None = None
    roots: Map[str, Record[Root]] = Map()
    leaves: Map[str, Record[Leaf]] = Map()

    @property
    def trust_domain(self) -> str:
        if self.trust is None:
            raise NotFoundError("the certificate authority is not set up yet")
        return self.trust.value.trust_domain

    def root(self, root_id: str) -> Root | None:
        record = self.roots.get(root_id)
        return record.value if record else None

    def active_root(self) -> Root | None:
        """The root that signs; None only until the first one is there."""
        active = (r.value for r in self.roots.values() if r.value.state == "active")
        return next(active, None)

    def trusted_roots(self) -> tuple[Root, ...]:
        """All that a verifier must accept now, newest first, whether it signs or not."""
        known = (record.value for record in self.roots.values())
        return tuple(sorted(known, key=attrgetter("prepared_at", "id"), reverse=True))

    def trust_bundle(self) -> str:
        """The trusted roots as one PEM text, the same bytes for the same roots.

        Two intermediates of one given root share its certificate.
        """
        return "".join(dict.fromkeys(root.certificate_pem for root in self.trusted_roots()))

    def leaf(self, key: str) -> Leaf | None:
        record = self.leaves.get(key)
        return record.value if record else None

    def with_trust(self, record: Record[Trust] | None) -> "Certificates":
        return msgspec.structs.replace(self, trust=record)

    def with_root(self, root_id: str, record: Record[Root] | None) -> "Certificates":
        return msgspec.structs.replace(self, roots=_placed(self.roots, root_id, record))

    def with_leaf(self, key: str, record: Record[Leaf] | None) -> "Certificates":
        return msgspec.structs.replace(self, leaves=_placed(self.leaves, key, record))


def _placed(
    records: Map[str, Record[Value]], key: str, record: Record[Value] | None
) -> Map[str, Record[Value]]:
    if record is not None:
        return records.set(key, record)
    return records.delete(key) if key in records else records
