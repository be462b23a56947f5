"""Random values of every topic, and simple actions that put and delete them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st

from meshcore.certificates.types import Leaf, Lifetimes, Root, Trust
from meshcore.config_entries.types import OtherEntry, ProxyDefaults, ServiceDefaults
from meshcore.intentions.types import (
    HeaderMatch,
    Intention,
    Permission,
    RequestMatch,
    ServiceIntentions,
)
from meshcore.mesh.apply import record_of
from meshcore.mesh.places import Place
from meshcore.mesh.types import Change, Key, Mesh, Topic, Value
from meshcore.registry.types import (
    CONNECT_PROXY,
    Address,
    Check,
    CheckDefinition,
    Instance,
    Node,
    Proxy,
    Upstream,
    Weights,
)

Action = Callable[[Mesh], Iterator[Change]]

NODES = st.sampled_from(["node-1", "node-2"])
SERVICES = st.sampled_from(["web", "api", "db"])
WORDS = st.text(max_size=8)
METAS = st.dictionaries(WORDS, WORDS, max_size=2)
MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 hypothesis wants it without a zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | WORDS
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
DOCUMENTS = st.dictionaries(WORDS, JSON, max_size=2)

NODE = st.builds(Node, name=NODES, address=WORDS, id=WORDS, meta=METAS, locality=st.none() | METAS)
UPSTREAM = st.builds(
    Upstream, destination_name=SERVICES, local_bind_port=st.integers(0, 65535), config=DOCUMENTS
)
PROXY = st.builds(
    Proxy,
    destination_service=SERVICES,
    destination_id=WORDS,
    config=DOCUMENTS,
    upstreams=st.lists(UPSTREAM, max_size=2).map(tuple),
)
INSTANCE = st.builds(
    Instance,
    node=NODES,
    id=st.sampled_from(["web-1", "web-1-sidecar-proxy", "db-1"]),
    service=SERVICES,
    kind=st.sampled_from(["", CONNECT_PROXY]),
    tags=st.lists(WORDS, max_size=2).map(tuple),
    port=st.integers(0, 65535),
    tagged_addresses=st.dictionaries(WORDS, st.builds(Address, WORDS), max_size=2),
    weights=st.builds(Weights, st.integers(0, 10), st.integers(0, 10)),
    is_connect_native=st.booleans(),
    proxy=st.none() | PROXY,
)
CHECK = st.builds(
    Check,
    node=NODES,
    id=st.sampled_from(["alive", "ready"]),
    name=WORDS,
    status=st.sampled_from(["passing", "warning", "critical"]),
    output=WORDS,
    service_id=st.sampled_from(["", "web-1", "db-1"]),
    service=st.sampled_from(["", "web", "db"]),
    definition=st.builds(
        CheckDefinition,
        header=st.dictionaries(WORDS, st.lists(WORDS, max_size=2).map(tuple), max_size=1),
        ttl_s=st.floats(0, 1000),
    ),
)
CONFIG_ENTRY = (
    st.builds(ServiceDefaults, name=SERVICES, protocol=st.sampled_from(["", "tcp", "http"]))
    | st.builds(ProxyDefaults, config=DOCUMENTS)
    | st.builds(OtherEntry, entry_kind=st.just("mesh"), name=st.just("mesh"), body=DOCUMENTS)
)
# With exactly one form, as every action requires of what it writes.
HEADER = st.builds(HeaderMatch, name=WORDS, exact=WORDS) | st.builds(
    HeaderMatch, name=WORDS, present=st.just(value=True)
)
PERMISSION = st.builds(
    Permission,
    action=st.sampled_from(["allow", "deny"]),
    http=st.none()
    | st.builds(
        RequestMatch,
        path_prefix=st.none() | WORDS,
        headers=st.lists(HEADER, max_size=1).map(tuple),
    ),
)
INTENTION = st.builds(
    Intention,
    source=SERVICES,
    destination=SERVICES,
    action=st.sampled_from(["allow", "deny", None]),
    permissions=st.lists(PERMISSION, max_size=2).map(tuple),
    created_at=st.none() | MOMENTS,
    revision=st.integers(0, 2**40),
)
# One for each source, and all toward the entry's destination, as every action writes them.
INTENTIONS = st.builds(
    ServiceIntentions,
    destination=SERVICES,
    intentions=st.lists(INTENTION, max_size=2, unique_by=lambda each: each.source).map(tuple),
    jwt=st.none() | DOCUMENTS,
).map(
    lambda entry: msgspec.structs.replace(
        entry,
        intentions=tuple(
            msgspec.structs.replace(each, destination=entry.destination)
            for each in entry.intentions
        ),
    )
)
TRUST = st.builds(
    Trust,
    cluster_id=WORDS,
    lifetimes=st.builds(Lifetimes, leaf=st.timedeltas(timedelta(hours=2), timedelta(hours=72))),
    own_domain=st.none() | WORDS,
)
ROOT = st.builds(
    Root,
    id=st.sampled_from(["aa:01", "bb:02"]),
    name=WORDS,
    serial=st.integers(0, 2**62),
    signing_key_id=WORDS,
    trust_domain=WORDS,
    certificate_pem=WORDS,
    sealed_key=st.binary(max_size=20),
    not_before=MOMENTS,
    not_after=MOMENTS,
    prepared_at=MOMENTS,
    state=st.sampled_from(["prepared", "active", "retiring"]),
    retired_at=st.none() | MOMENTS,
)
LEAF = st.builds(
    Leaf,
    service=SERVICES,
    spiffe_id=WORDS,
    serial=WORDS,
    certificate_pem=WORDS,
    sealed_key=st.none() | st.binary(max_size=20),
    root_id=WORDS,
    not_before=MOMENTS,
    not_after=MOMENTS,
)

COORDINATES = st.floats(-1e6, 1e6)
PLACE = st.builds(Place, x=COORDINATES, y=COORDINATES, is_pinned=st.booleans())


class Step(msgspec.Struct, frozen=True):
    """Put the value there, or delete what is there."""

    topic: Topic
    key: Key
    value: Value | None


def put(
    topic: Topic, values: st.SearchStrategy[Any], key: Callable[[Any], Key]
) -> st.SearchStrategy[Step]:
    return st.builds(
        lambda value, is_put: Step(topic, key(value), value if is_put else None),
        values,
        st.sampled_from([True, True, True, False]),
    )


# What people and services write; an authority's own values make sense together alone.
WRITTEN_STEP: st.SearchStrategy[Step] = st.one_of(
    put(Topic.NODE, NODE, lambda node: (node.name,)),
    put(Topic.INSTANCE, INSTANCE, lambda instance: instance.key),
    put(Topic.CHECK, CHECK, lambda check: check.key),
    put(Topic.CONFIG_ENTRY, CONFIG_ENTRY, lambda entry: (entry.kind, entry.name)),
    put(Topic.INTENTIONS, INTENTIONS, lambda intentions: (intentions.destination,)),
)
STEP: st.SearchStrategy[Step] = st.one_of(
    WRITTEN_STEP,
    put(Topic.TRUST, TRUST, lambda trust: ()),
    put(Topic.ROOT, ROOT, lambda root: (root.id,)),
    put(Topic.LEAF, LEAF, lambda leaf: (f"agent:{leaf.service}",)),
    put(Topic.PLACE, PLACE, lambda place: ("web",)),
)
ACTION_STEPS = st.lists(STEP, min_size=1, max_size=3)  # what one action does


def action(steps: list[Step]) -> Action:
    """Put and delete in this order; what is as wanted already gives no change."""

    def run(mesh: Mesh) -> Iterator[Change]:
        seen: dict[tuple[Topic, Key], Value | None] = {}
        for step in steps:
            record = record_of(mesh, step.topic, step.key)
            before = seen.get((step.topic, step.key), record.value if record else None)
            if before != step.value:
                yield Change(step.topic, step.key, before, step.value)
                seen[step.topic, step.key] = step.value

    return run
