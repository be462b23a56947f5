"""The README's tutorial, as a new user follows it: `tulle dev --demo` and the two files."""

import json

import httpx
import pytest

from tests.e2e.demo import Demo

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


def test_the_page_works_breaks_with_deny_all_and_works_again(demo: Demo) -> None:
    denied = demo.tulle("apply", "-f", "deploy/demo/deny-all.yaml")
    assert denied.returncode == 0, denied.stderr
    assert "created" in denied.stdout
    assert demo.shows("Error :(")
    check = demo.tulle("intention", "check", "frontend", "public-api")
    assert (check.returncode, check.stdout.strip()) == (2, "Denied")

    allowed = demo.tulle("apply", "-f", "deploy/demo/service-to-service.yaml")
    assert allowed.returncode == 0, allowed.stderr
    assert demo.shows("Packer Spiced Latte")
    again = demo.tulle("apply", "-f", "deploy/demo/service-to-service.yaml")
    assert again.stdout.count("unchanged") >= 3
    check = demo.tulle("intention", "check", "frontend", "public-api")
    assert (check.returncode, check.stdout.strip()) == (0, "Allowed")


def test_without_a_token_the_doors_are_shut_and_each_sidecar_has_its_own(demo: Demo) -> None:
    assert httpx.get(f"{demo.server}/v1/catalog/services").json() == {}
    intentions = httpx.get(f"{demo.server}/v1/connect/intentions")
    assert (intentions.status_code, intentions.json()) == (200, [])
    entry = {"Kind": "service-defaults", "Name": "web", "Protocol": "http"}
    refused = httpx.put(f"{demo.server}/v1/config", json=entry)
    assert (refused.status_code, refused.text[:18]) == (403, "Permission denied:")
    listed = demo.tulle("acl", "token", "list", "--json")
    tokens = json.loads(listed.stdout)
    identities = [
        each["ServiceName"] for token in tokens for each in token.get("ServiceIdentities") or ()
    ]
    assert sorted(identities) == ["frontend", "postgres", "product-api", "public-api"]
