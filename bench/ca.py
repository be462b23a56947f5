"""The certificate authority: leaves a second on one core, and all leaves of a mesh signed again."""

import argparse
import asyncio
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench import in_process
from bench.figures import machine
from meshcore.certificates import authority, sealing, signing
from meshcore.certificates.holders import instance_leaf_key
from meshcore.certificates.spiffe import ServiceId
from meshcore.certificates.types import Lifetimes
from meshcore.mesh import watch
from meshcore.mesh.types import Change, Mesh, Topic
from meshcore.registry.types import Instance, Node
from meshcore.store.issuer import Issuer
from meshcore.store.schema import migrate
from meshcore.store.store import Store

CORE = 0
RUNS = 5
NODES = 100
DOMAIN = "11111111-2222-3333-4444-555555555555.consul"
WEB = ServiceId(trust_domain=DOMAIN, datacenter="dc1", service="web")
LIFETIMES = Lifetimes(overlap=timedelta(seconds=1))
MOST_AT_ONCE = 256  # proxies that ask for their first leaf at the same time
KEY = sealing.parse("11" * 32)


def per_second(act: Callable[[], object], seconds: float) -> float:
    rates = []
    for _ in range(RUNS):
        count, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            act()
            count += 1
        rates.append(count / (time.perf_counter() - started))
    return statistics.median(rates)


def signed(seconds: float) -> Iterator[tuple[str, str]]:
    now = datetime.now(UTC)
    root = authority.new_root(
        trust_domain=DOMAIN, name="bench", now=now, lifetimes=LIFETIMES, sealing_key=KEY
    )
    signer = authority.load(root, trusted=[root], keys=[KEY])
    request = csr()

    def with_key() -> object:
        return signing.issue(WEB, authority=signer, now=now, lifetimes=LIFETIMES, sealing_key=KEY)

    def of_request() -> object:
        return signing.sign_csr(
            request, expected=WEB, authority=signer, now=now, lifetimes=LIFETIMES
        )

    yield "signed with a key made here", f"{per_second(with_key, seconds):,.0f}/s"
    yield "signed from a request (CSR)", f"{per_second(of_request, seconds):,.0f}/s"


def csr() -> str:
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(WEB.uri)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    key = ec.generate_private_key(ec.SECP256R1())
    request = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()


@asynccontextmanager
async def issuing() -> Any:  # noqa: ANN401 - an async iterator of both
    store = Store()
    await store.start()
    issuer = Issuer(store, sealing_key=KEY, datacenter="dc1", lifetimes=LIFETIMES)
    await issuer.prepare()
    try:
        yield store, issuer
    finally:
        await store.stop()


async def through_the_store(leaves: int) -> list[tuple[str, str]]:
    """Everything a leaf costs: key, certificate, seal, log, record, commit."""
    async with issuing() as (store, issuer):
        await store.write(lambda mesh: registered(mesh, leaves), actor="bench")
        before_mb, began = memory_mb(), time.perf_counter()
        slots = asyncio.Semaphore(MOST_AT_ONCE)

        async def one(number: int) -> None:
            async with slots:
                await issuer.leaf(key_of(number), f"service-{number // 10}")

        await asyncio.gather(*(one(number) for number in range(leaves)))
        first_s = time.perf_counter() - began
        rows = [("issued, written and recorded", f"{leaves / first_s:,.0f}/s")]
        rows += await rotated(store, issuer, leaves)
        return [*rows, ("memory before and at most", f"{before_mb:,.0f}, {memory_mb():,.0f} MB")]


async def rotated(store: Store, issuer: Issuer, leaves: int) -> list[tuple[str, str]]:
    upkeep = asyncio.create_task(issuer.run())
    await issuer.rotations.rotate()
    old = store.mesh.certificates.active_root()
    index = store.mesh.index
    while (active := store.mesh.certificates.active_root()) == old or active is None:
        index = (await store.changed((watch.ROOTS,), after=index, timeout_s=10)).index
    began, cpu, worst = time.perf_counter(), time.process_time(), 0.0
    while any(r.value.root_id != active.id for r in store.mesh.certificates.leaves.values()):
        paused = time.perf_counter()
        await asyncio.sleep(0.02)
        worst = max(worst, time.perf_counter() - paused - 0.02)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    upkeep.cancel()
    return [
        (f"{leaves:,} leaves signed again", f"{took:.1f} s, {used:.1f} s of a core"),
        ("the event loop's longest pause meanwhile", f"{worst * 1000:.0f} ms"),
    ]


def registered(_mesh: Mesh, leaves: int) -> Iterator[Change]:
    for number in range(NODES):
        node = Node(name=f"node-{number}", address="127.0.0.1")
        yield Change(Topic.NODE, (node.name,), None, node)
    for number in range(leaves):
        instance = Instance(
            node=f"node-{number % NODES}",
            id=f"proxy-{number}",
            service=f"service-{number // 10}-sidecar-proxy",
        )
        yield Change(Topic.INSTANCE, instance.key, None, instance)


def key_of(number: int) -> str:
    return instance_leaf_key(f"node-{number % NODES}", f"proxy-{number}")


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.ca")
    options.add_argument("--quick", action="store_true", help="one short run: does it work at all")
    is_quick = options.parse_args().quick
    os.sched_setaffinity(0, {CORE})
    console = Console()
    console.print(machine())
    migrate()
    table = Table("figure", "median", box=SIMPLE_HEAD)
    for row in signed(0.1 if is_quick else 1.0):
        table.add_row(*row)
    for row in asyncio.run(through_the_store(500 if is_quick else 10_000)):
        table.add_row(*row)
    console.print(table)
    in_process.FOLDER.cleanup()


if __name__ == "__main__":
    main()
