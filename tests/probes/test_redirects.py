"""Where an HTTP check that is told to follow redirects ends up, and what it takes along."""

import asyncio
import ipaddress

from meshcore.probes import http
from meshcore.probes.policy import Policy
from meshcore.probes.types import Outcome
from tests.probes.serving import serving


def followed(
    location: str, *, code: int = 302, policy: Policy | None = None
) -> tuple[Outcome, list[bytes]]:
    """Probe a server that sends /start elsewhere; return what it was asked besides."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(4096)
        if request.split()[1] == b"/start":
            line = f"HTTP/1.1 {code} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
            writer.write(line.encode())
            return
        asked.append(request)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine")

    async def scenario() -> Outcome:
        async with serving(serve) as port:
            return await http.probe(
                f"http://127.0.0.1:{port}/start",
                timeout_s=5,
                method="POST",
                headers={"Authorization": ["Bearer secret"]},
                body="ping",
                policy=policy,
                follows_redirects=True,
            )

    return asyncio.run(scenario()), asked


def test_a_redirect_is_followed_where_the_check_says_so() -> None:
    outcome, asked = followed("/well")
    assert outcome.status == "passing"
    assert asked[0].startswith(b"GET /well HTTP/1.1\r\n")
    _, asked = followed("/well", code=307)
    assert asked[0].startswith(b"POST /well HTTP/1.1\r\n")
    assert asked[0].endswith(b"\r\n\r\nping")


def test_each_hop_has_to_be_an_address_that_may_be_probed() -> None:
    outcome, asked = followed("http://169.254.169.254/latest/meta-data")
    assert (outcome.status, asked) == ("critical", [])
    assert "link-local or metadata address" in outcome.output
    home = Policy(allowed_networks=(ipaddress.ip_network("127.0.0.1/32"),))
    outcome, asked = followed("http://127.0.0.2:1/", policy=home)
    assert "127.0.0.2 is in none of check_allowed_networks" in outcome.output


def test_an_endless_redirect_ends() -> None:
    outcome, asked = followed("/start")
    assert (outcome.status, asked) == ("critical", [])


def test_headers_are_for_the_host_that_the_check_names() -> None:
    request = http.Request(
        url="http://web/", method="GET", headers={"Authorization": ["secret"]}, body=b""
    )
    there = http.redirected(request, "http://other/", keeps_method=True)
    assert there.headers == {}
    here = http.redirected(request, "/well", keeps_method=True)
    assert (here.url, here.headers) == ("http://web/well", {"Authorization": ["secret"]})
