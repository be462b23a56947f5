"""The certificate authority as the settings want it, for a server and for a worker."""

from collections.abc import Iterable
from datetime import UTC, datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from meshcore.certificates import sealing
from meshcore.certificates.inventory import ORDER, known_roots, tally
from meshcore.certificates.types import Lifetimes
from meshcore.configuration import own_authority
from meshcore.configuration.types import Configuration
from meshcore.store.issuer import Issuer
from meshcore.store.rotations import Pems
from meshcore.store.store import Store


def issuer_of(configuration: Configuration, store: Store, *, key: bytes) -> Issuer:
    own = own_authority.read(configuration)
    return Issuer(
        store,
        sealing_key=sealing.parse(key.hex()),
        datacenter=configuration.datacenter,
        lifetimes=lifetimes(configuration),
        trust_domain=configuration.trust_domain,
        hosts=(configuration.grpc_listen_addr,),
        own=Pems(*own) if own else None,
    )


def lifetimes(configuration: Configuration) -> Lifetimes:
    """Operators may go below Consul's hour; the overlap of two roots shrinks with the leaves."""
    leaf = configuration.leaf_cert_ttl
    return Lifetimes(
        leaf=leaf,
        root=configuration.root_cert_ttl,
        overlap=min(Lifetimes().overlap, leaf / 2),
        leaf_minimum=min(Lifetimes().leaf_minimum, leaf),
    )


class CertificateMetrics(Collector):
    """What an operator alerts on, read from the mesh when it is scraped."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def describe(self) -> Iterable[Metric]:
        return self._families()

    def collect(self) -> Iterable[Metric]:
        certificates = self._store.mesh.certificates
        now = datetime.now(UTC)
        known = known_roots(certificates, now=now)
        counted = tally(certificates, now=now)
        roots, ends, leaves, trouble = self._families()
        for root in known:
            roots.add_metric([root.id, root.state], root.life.remaining.total_seconds())
        if counted.first_end is not None:
            ends.add_metric([], (counted.first_end - now).total_seconds())
        for severity in ORDER:
            leaves.add_metric([severity], counted.leaves[severity])
        trust = certificates.trust
        is_noted = trust is not None and trust.value.trouble is not None
        is_troubled = is_noted or bool(self._store.trouble)
        trouble.add_metric([], is_troubled or any(root.life.warning for root in known))
        return roots, ends, leaves, trouble

    def _families(self) -> tuple[GaugeMetricFamily, ...]:
        return (
            GaugeMetricFamily(
                "tulle_certificates_root_remaining_seconds",
                "How long a root is still valid.",
                labels=["root", "state"],
            ),
            GaugeMetricFamily(
                "tulle_certificates_first_leaf_remaining_seconds",
                "How long the leaf that ends first is still valid.",
                labels=[],
            ),
            GaugeMetricFamily(
                "tulle_certificates_leaves",
                "Leaves by how well they are; warning: late to be renewed, critical: ended.",
                labels=["severity"],
            ),
            GaugeMetricFamily(
                "tulle_certificates_trouble",
                "1 while certificates cannot be looked after, or a root needs somebody.",
                labels=[],
            ),
        )
