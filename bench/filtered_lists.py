"""What it costs to leave out what a token may not read: lists for one that may read nearly all.

That is the dearest token: each service is asked about by an exact rule of its own, and is shown.
A list is measured as it is kept, in processor time of the server for one answer, and as it is made
anew after a change, in time until the answer is there.
"""

import http.client
import json
import statistics
import time
from collections.abc import Iterator
from itertools import repeat
from urllib.parse import quote

import msgspec

from bench.load import TOKEN, drive, request_bytes
from bench.reads import INSTANCES, instance, register
from bench.servers import Server
from meshcore.acl.rules import Access, RuleKind, everywhere, exactly, rendered

CLIENTS = 16
LISTS = (
    "/v1/catalog/services",
    f"/v1/catalog/services?filter={quote('ServicePort == 8080')}",
    "/v1/catalog/nodes",
    "/v1/health/state/any",
)

Connection = http.client.HTTPConnection


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    services: int
    seconds: float  # of reading what is kept
    changes: int  # after each of which the list is made anew


FULL = Sizes(services=1000, seconds=2.0, changes=50)
QUICK = Sizes(services=100, seconds=0.2, changes=5)


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """For who may read everything, then for who may read nearly all."""

    path: str
    kept_us: tuple[float, float]
    anew_ms: tuple[float, float]


def costs(server: Server, sizes: Sizes) -> Iterator[Cost]:
    services = range(sizes.services)
    register(server, [instance(f"s{s}", i) for s in services for i in range(INSTANCES)])
    restricted = restricted_token(server, sizes.services)
    connection = Connection("127.0.0.1", server.http_port, timeout=60)
    for path in LISTS:
        bodies = [ask(connection, path, token) for token in (TOKEN, restricted)]
        everything, filtered = (len(json.loads(body)) for body in bodies)
        if not everything > filtered > everything // 2:
            raise SystemExit(f"wrong: {path}: {filtered} of {everything}")
        kept = [
            kept_us(server, path, token, right=body, seconds=sizes.seconds)
            for token, body in zip((TOKEN, restricted), bodies, strict=True)
        ]
        anew = anew_ms(connection, path, (TOKEN, restricted), changes=sizes.changes)
        yield Cost(path=path, kept_us=(kept[0], kept[1]), anew_ms=anew)


def restricted_token(server: Server, services: int) -> str:
    """For all services but s0, by an exact rule for each, and for all nodes but those of s0."""
    rules = [exactly(RuleKind.SERVICE, f"s{s}", Access.READ) for s in range(1, services)]
    rules.append(everywhere(RuleKind.NODE, Access.READ))
    rules += [
        exactly(RuleKind.NODE, f"s0-node-{number}", Access.DENY) for number in range(INSTANCES)
    ]
    given = {"Name": "nearly-all", "Rules": rendered(rules)}
    policy = json.loads(server.must("PUT", "/v1/acl/policy", given).body)
    link = {"Policies": [{"ID": policy["ID"]}]}
    secret: str = json.loads(server.must("PUT", "/v1/acl/token", link).body)["SecretID"]
    return secret


def ask(connection: Connection, path: str, token: str) -> bytes:
    connection.request("GET", path, headers={"X-Consul-Token": token})
    reply = connection.getresponse()
    body = reply.read()
    if reply.status != 200:
        raise SystemExit(f"wrong: {path}: {reply.status} {body[:200]!r}")
    return body


def kept_us(server: Server, path: str, token: str, *, right: bytes, seconds: float) -> float:
    requests = repeat((path, request_bytes("GET", path, token=token)))
    before_s = server.cpu_seconds()
    load = drive(
        server.http_port, requests, clients=CLIENTS, expected=right.strip(), seconds=seconds
    )
    if load.wrong:
        raise SystemExit(f"wrong: {load.wrong[:3]}")
    return (server.cpu_seconds() - before_s) / len(load.acknowledged) * 1e6


def anew_ms(
    connection: Connection, path: str, tokens: tuple[str, str], *, changes: int
) -> tuple[float, float]:
    """The medians of the first answers after a change; each token comes first half of the time."""
    taken: dict[str, list[float]] = {token: [] for token in tokens}
    for change in range(changes):
        changed = instance("s1", 0) | {"NodeMeta": {"revision": f"{path}-{change}"}}
        changed["Service"] = {"Service": "s1", "ID": "s1-0", "Port": 8080, "Tags": [f"v{change}"]}
        headers = {"X-Consul-Token": TOKEN}
        connection.request("PUT", "/v1/catalog/register", json.dumps(changed), headers)
        if connection.getresponse().read() != b"true":
            raise SystemExit("wrong: the change was refused")
        for token in tokens if change % 2 else tokens[::-1]:
            started = time.perf_counter()
            ask(connection, path, token)
            taken[token].append((time.perf_counter() - started) * 1e3)
    first, second = (statistics.median(taken[token]) for token in tokens)
    return first, second
