"""A logged-in browser without a browser, and meshes large enough to be slow."""

import http.client
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import msgspec

from bench.load import TOKEN
from bench.servers import Server

GROUPS = 25
WRITERS = 16  # they share commits
CALLS = 5  # upstreams of each service
CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visit(msgspec.Struct, frozen=True):
    status: int
    body: bytes
    took_s: float


class Visitor:
    """One kept-alive connection, with the cookies of a login."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=60)
        self.cookies: dict[str, str] = {}

    def log_in(self) -> None:
        page = self.visit("/ui/login")
        found = CSRF.search(page.body)
        if found is None:
            raise SystemExit(f"/ui/login shows no form: {page.status} {page.body[:200]!r}")
        form = {"csrfmiddlewaretoken": found[1].decode(), "token": TOKEN}
        answer = self.visit("/ui/login", form=form)
        if answer.status not in (302, 303):
            raise SystemExit(f"the login was refused: {answer.status}")

    def visit(self, path: str, *, form: dict[str, str] | None = None) -> Visit:
        headers = {"Cookie": self.cookie} if self.cookies else {}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        method, body = ("GET", None) if form is None else ("POST", urlencode(form))
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        took_s = time.perf_counter() - started
        for header in answer.headers.get_all("Set-Cookie") or ():
            jar = SimpleCookie(header)
            self.cookies |= {name: morsel.value for name, morsel in jar.items()}
        return Visit(answer.status, content, took_s)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def close(self) -> None:
        self._connection.close()


def name(number: int) -> str:
    return f"service-{number:05}"


def fill(server: Server, services: int, *, with_sidecars: bool = True) -> None:
    """Register that many services, each with an upstream to the next ones of its group."""

    def register(number: int) -> None:
        server.must("PUT", "/v1/catalog/register", registration(number))
        if with_sidecars:
            server.must("PUT", "/v1/catalog/register", sidecar(number, services))

    with ThreadPoolExecutor(WRITERS) as writers:
        for _ in writers.map(register, range(services)):
            pass  # what a writer raised is raised here


def registration(number: int) -> dict[str, object]:
    return {
        "Node": f"node-{number % 100:03}",
        "Address": f"10.0.{number % 100}.1",
        "SkipNodeUpdate": False,
        "Service": {
            "ID": f"{name(number)}-1",
            "Service": name(number),
            "Port": 8080,
            "Tags": [f"v{number % 3}"],
            "Meta": {"group": f"group-{number % GROUPS:02}"},
        },
        "Check": {
            "CheckID": f"check-{number}",
            "Name": "alive",
            "Status": "critical" if number % 50 == 7 else "passing",
            "ServiceID": f"{name(number)}-1",
        },
    }


def sidecar(number: int, services: int) -> dict[str, object]:
    return {
        "Node": f"node-{number % 100:03}",
        "Address": f"10.0.{number % 100}.1",
        "SkipNodeUpdate": True,
        "Service": {
            "Kind": "connect-proxy",
            "ID": f"{name(number)}-1-sidecar-proxy",
            "Service": f"{name(number)}-sidecar-proxy",
            "Port": 21000,
            "Proxy": {
                "DestinationServiceName": name(number),
                "DestinationServiceID": f"{name(number)}-1",
                "Upstreams": [
                    {"DestinationName": name(callee), "LocalBindPort": 9000 + place}
                    for place, callee in enumerate(callees(number, services))
                ],
            },
        },
    }


def callees(number: int, services: int) -> Iterator[int]:
    """Mostly of its own group, one of another: as in meshes that grew by teams."""
    for step in range(1, CALLS):
        yield (number + step * GROUPS) % services
    yield (number * 7 + 1) % services
