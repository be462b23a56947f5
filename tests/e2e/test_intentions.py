"""A real Envoy decides as `verdict` says, on random intentions and requests with tricks in them."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.requests import joined
from meshcore.intentions.types import (
    Action,
    HeaderMatch,
    Intention,
    Permission,
    Request,
    RequestMatch,
)
from meshcore.intentions.verdict import Verdict, verdict
from tests.e2e.apps import http_app, tcp_app
from tests.e2e.callers import HttpCaller, connect, identity, reply
from tests.e2e.conftest import StartEnvoy
from tests.e2e.control_plane import ControlPlane
from tests.e2e.envoys import Envoy, eventually, free_port

pytestmark = pytest.mark.e2e

Headers = tuple[tuple[str, str], ...]
SOURCES = ("web", "db", "cart")
PATHS = (
    *("/", "/admin", "/admin/", "/admin?x=1", "/admin/x?y=/b", "/ADMIN", "/administer"),
    *("//admin", "/a//b", "/%61dmin", "/a/../admin", "/a/%2e%2e/admin", "/./admin"),
    *("/a/..;x/admin", "/admin;x=1", "/a%2fadmin", "/a%5cadmin", "/a\\admin", "/a%00"),
    *("/a?x=/admin", "/a%3fx", "/a.b", "/axb", "/a?b"),
)
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD")
HEADERS: tuple[Headers, ...] = (
    (),
    (("x-role", "admin"),),
    (("X-Role", "Admin"),),
    (("x-role", ""),),
    (("x-role", "guest"), ("x-role", "admin")),
    (("x-role", "super-admin"), ("x-debug", "1")),
    (("x-tulle-path", "/"),),
    (("x-envoy-original-path", "/"),),
    (("x-forwarded-client-cert", "URI=spiffe://evil"),),
)


def some_header(chance: random.Random) -> HeaderMatch:
    name, is_inverted = chance.choice(("x-role", "X-Debug")), chance.random() < 0.3
    form = chance.choice(("present", "exact", "prefix", "suffix", "contains", "regex"))
    if form == "present":
        return HeaderMatch(name=name, present=True, is_inverted=is_inverted)
    if form == "regex":
        regex = chance.choice(("adm.*", "[a-z]+", ".*n"))
        return HeaderMatch(name=name, regex=regex, is_inverted=is_inverted)
    value: dict[str, Any] = {form: chance.choice(("admin", "adm", "min", "guest"))}
    ignores_case = chance.random() < 0.3
    return HeaderMatch(name=name, is_inverted=is_inverted, ignore_case=ignores_case, **value)


def some_match(chance: random.Random) -> RequestMatch:
    form = chance.choice(("path_exact", "path_prefix", "path_regex", ""))
    paths = {
        "path_exact": ("/admin", "/", "/a.b", "/a/b", "/admin/x"),
        "path_prefix": ("/admin", "/", "/a", "/admin/"),
        "path_regex": ("/a.*b", "/ad[a-z]+", "/.*", "/a.b", "/admin(/.*)?", r"/a\.b"),
    }
    path: dict[str, Any] = {form: chance.choice(paths[form])} if form else {}
    methods = tuple(chance.sample(METHODS, chance.choice((0, 0, 1, 2))))
    headers = tuple(some_header(chance) for _ in range(chance.choice((0, 0, 1, 2))))
    if not path and not methods and not headers:
        methods = ("GET",)
    return RequestMatch(**path, methods=methods, headers=headers)


def some_intention(
    chance: random.Random, source: str, destination: str, revision: int, *, has_permissions: bool
) -> Intention:
    if not has_permissions:
        action: Action = chance.choice(("allow", "deny"))
        return Intention(source=source, destination=destination, action=action, revision=revision)
    permissions = tuple(
        Permission(action=chance.choice(("allow", "deny")), http=some_match(chance))
        for _ in range(chance.randint(1, 3))
    )
    return Intention(
        source=source, destination=destination, permissions=permissions, revision=revision
    )


def some_intentions(
    chance: random.Random, destination: str, revision: int
) -> tuple[tuple[Intention, ...], tuple[Intention, ...]]:
    """Those to the destination, at least one, and those to any."""
    sources = chance.sample((*SOURCES, "*"), chance.randint(1, 4))
    own = tuple(
        some_intention(chance, source, destination, revision, has_permissions=chance.random() < 0.6)
        for source in sources
    )
    everywhere = tuple(
        some_intention(chance, source, "*", revision, has_permissions=False)
        for source in chance.sample((*SOURCES, "*"), chance.choice((0, 0, 1, 2)))
    )
    return own, everywhere


def some_requests(chance: random.Random, count: int) -> Iterator[tuple[str, str, Headers]]:
    for _ in range(count):
        yield chance.choice(PATHS), chance.choice(METHODS), chance.choice(HEADERS)


def expected_status(decided: Verdict) -> int:
    if decided.allowed:
        return 200
    return 403 if decided.leaf else 400


def reloads(envoy: Envoy, kind: str, name: str) -> int:
    return envoy.stat(f"extension_config_discovery.{kind}.{name}.config_reload")


def test_http_requests_are_decided_as_the_verdict_says(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path
) -> None:
    chance = random.Random(2)
    port = free_port()
    plane.configure(ServiceDefaults(name="api", protocol="http"))
    with http_app("api") as app_port, ExitStack() as stack:
        envoy = start_envoy(plane.register_sidecar("api", port=port, app_port=app_port), "api")
        envoy.wait_for_listener()
        callers = {
            source: stack.enter_context(HttpCaller(port, identity(plane, source, tmp_path)))
            for source in SOURCES
        }
        for revision in range(1, 26):
            own, everywhere = some_intentions(chance, "api", revision)
            before = reloads(envoy, "http_filter", "intentions/http")
            plane.intend_all({"*": everywhere, "api": own})
            eventually(
                lambda: reloads(envoy, "http_filter", "intentions/http") > before,  # noqa: B023
                f"intentions of round {revision}",
            )
            for path, method, headers in some_requests(chance, 25):
                source = chance.choice(SOURCES)
                decided = verdict(
                    own + everywhere,
                    source=source,
                    destination="api",
                    request=Request(method=method, path=path, headers=joined(headers)),
                    is_http=True,
                    default_allow=False,
                )
                answer = callers[source].ask(path, method, headers)
                assert answer.status == expected_status(decided), (
                    source,
                    method,
                    path,
                    headers,
                    decided,
                    answer.body,
                )
    plane.intend("*")


def test_tcp_connections_are_decided_as_the_verdict_says(
    plane: ControlPlane, start_envoy: StartEnvoy, tmp_path: Path
) -> None:
    chance = random.Random(4)
    port = free_port()
    with tcp_app("db") as app_port:
        envoy = start_envoy(plane.register_sidecar("db", port=port, app_port=app_port), "db")
        envoy.wait_for_listener()
        identities = {source: identity(plane, source, tmp_path) for source in SOURCES}
        for revision in range(1, 16):
            own, everywhere = some_intentions(chance, "db", revision)
            before = reloads(envoy, "network_filter", "intentions/network")
            plane.intend_all({"*": everywhere, "db": own})
            eventually(
                lambda: reloads(envoy, "network_filter", "intentions/network") > before,  # noqa: B023
                f"intentions of round {revision}",
            )
            for source, tls in identities.items():
                decided = verdict(
                    own + everywhere,
                    source=source,
                    destination="db",
                    is_http=False,
                    default_allow=False,
                )
                with connect(port, tls) as connection:
                    heard = reply(connection)
                assert heard == ("db" if decided.allowed else ""), (source, decided)
    plane.intend("*")
    plane.intend("db")
