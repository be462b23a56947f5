"""Roots, leaves and their holders on a page, and the change to a new root."""

import asyncio
import csv
import json
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import msgspec
import pytest

from dashboard.certificates import Axis, LeafRow, certificates
from dashboard.context import provided
from dashboard.pages import Page
from dashboard.tables import Listing
from meshcore.actions.certificates import note_trouble
from meshcore.certificates.holders import agent_leaf_key, instance_leaf_key
from meshcore.certificates.inventory import KnownRoot
from meshcore.certificates.types import Leaf, Root, Trouble
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Mesh
from meshcore.store.callers import ANYBODY, Caller
from tests.certificates import test_inventory as made
from tests.dashboard.asking import NOW, Dashboard, asking, holder
from tests.topology.meshes import change, service

HOUR = timedelta(hours=1)
SIDECAR = instance_leaf_key("node-1", "web-1-sidecar-proxy")
READ_WEB = 'service "web" { policy = "read" }'
OPERATOR = 'operator = "write"'


def root(root_id: str, **given: object) -> Root:
    since = NOW - 100 * HOUR
    dates = {"not_before": since, "not_after": NOW + 900 * HOUR, "prepared_at": since}
    return msgspec.structs.replace(made.a_root(root_id, "active"), **{**dates, **given})


def leaf(service: str, *, age: timedelta, lasts: timedelta = 10 * HOUR) -> Leaf:
    since = NOW - age
    return msgspec.structs.replace(
        made.a_leaf(f"serial of {service}"),
        service=service,
        spiffe_id=f"spiffe://1234.consul/ns/default/dc/dc1/svc/{service}",
        not_before=since,
        not_after=since + lasts,
    )


def mesh(*roots: Root, leaves: Mapping[str, Leaf]) -> Mesh:
    registered = [change(value) for value in service("web")]
    certificates = made.certificates(*roots, leaves=dict(leaves))
    return msgspec.structs.replace(apply(Mesh(), registered, index=1), certificates=certificates)


MESH = mesh(
    root("a"),
    leaves={
        SIDECAR: leaf("web", age=2 * HOUR),
        agent_leaf_key("api"): leaf("api", age=9.5 * HOUR),
    },
)


def shown(
    mesh: Mesh = MESH, *, caller: Caller = ANYBODY, params: Mapping[str, str] | None = None
) -> Page:
    return certificates(asking(mesh, caller=caller, params=tuple((params or {}).items())))


def listed(params: Mapping[str, str] | None = None) -> Listing[LeafRow]:
    found = shown(params=params).listing
    assert found is not None
    return found


def test_leaves_are_listed_with_their_holders_what_is_late_first() -> None:
    assert [
        (row.service, row.holder, row.status, row.issuer, row.issuer_state, row.path)
        for row in listed().rows
    ] == [
        ("api", "HTTP clients", "warning", "a", "active", ""),
        (
            "web",
            "web-1-sidecar-proxy",
            "passing",
            "a",
            "active",
            "/ui/services/web-sidecar-proxy/web-1-sidecar-proxy?node=node-1",
        ),
    ]


@pytest.mark.parametrize(
    ("params", "services"),
    [
        ({"status": "warning"}, ["api"]),
        ({"service": "web"}, ["web"]),
        ({"holder": "proxies"}, ["web"]),
        ({"q": "svc/api"}, ["api"]),
        ({"filter": 'Issuer == "a" and Node == "node-1"'}, ["web"]),
        ({"sort": "-ends"}, ["web", "api"]),
    ],
)
def test_leaves_are_filtered_and_sorted(params: dict[str, str], services: list[str]) -> None:
    assert [row.service for row in listed(params).rows] == services


def test_lanes_are_shares_of_the_time_from_the_first_beginning_to_the_last_end() -> None:
    context = shown().context
    assert context["axis"] == Axis(NOW - 9.5 * HOUR, NOW + 8 * HOUR)
    lanes = context["lanes"]
    assert isinstance(lanes, list)
    assert [(lane.row.service, lane.start, lane.end) for lane in lanes] == [
        ("api", "0.0000", f"{10 / 17.5:.4f}"),
        ("web", f"{7.5 / 17.5:.4f}", "1.0000"),
    ]


def test_only_leaves_of_services_that_the_token_may_read_are_shown() -> None:
    page = shown(caller=holder(READ_WEB))
    assert page.listing is not None
    assert [row.service for row in page.listing.rows] == ["web"]
    assert page.is_filtered
    assert (page.context["leaves"], page.context["late"]) == (1, 0)
    nobody = shown(caller=holder(""))
    assert nobody.listing is not None
    assert nobody.listing.empty is not None
    assert nobody.listing.empty.title == "No leaves that you may see"
    roots = nobody.context["roots"]
    assert isinstance(roots, list)
    assert [row.short for row in roots] == ["a"]


@pytest.mark.parametrize(
    ("roots", "rules", "is_offered"),
    [
        ([root("a")], OPERATOR, True),
        ([root("a")], 'operator = "read"', False),
        ([root("a"), root("b", state="prepared")], OPERATOR, False),
    ],
    ids=["who may", "who may not", "while one is under way"],
)
def test_rotation_is_offered(roots: list[Root], rules: str, *, is_offered: bool) -> None:
    page = shown(mesh(*roots, leaves={}), caller=holder(rules))
    assert page.context["may_rotate"] is is_offered


def test_root_that_is_not_succeeded_in_time_warns_on_top() -> None:
    late = mesh(root("a", not_after=NOW + 5 * HOUR), leaves={})
    warnings = shown(late).context["warnings"]
    assert isinstance(warnings, list)
    assert [root.life.severity for root in warnings] == ["critical"]


def test_page_says_in_words_what_each_root_does(dashboard: Dashboard) -> None:
    asyncio.run(provided().issuer.prepare())
    text = dashboard.text("/ui/certificates")
    assert "Tulle CA Root Cert" in text
    assert "active\nSigns every new leaf.\nIs succeeded" in text
    assert "to come\nTulle CA Root Cert" in text
    assert "is to have its successor prepared" in text
    assert "Certificates cannot be looked after" not in text
    note = partial(note_trouble, text="the root key is away", now=NOW)
    provided().store.write_from_thread(note, actor="test")
    assert "the root key is away. Since" in dashboard.text("/ui/certificates")
    assert "No leaf yet" in text
    assert "tulle proxy --sidecar-for ID" in text


def test_what_happened_and_what_comes_is_told_with_its_root() -> None:
    told = shown().context["timeline"]
    assert isinstance(told, list)
    assert [(event.what, event.is_ahead, short) for event, short in told] == [
        ("prepared", False, "a"),
        ("renewed", True, "a"),
        ("succeeded", True, "a"),
    ]


def test_trouble_stands_on_top_in_its_own_words() -> None:
    trouble = Trouble(NOW - HOUR, "the root key is sealed under key 12, which is not at hand")
    trust = MESH.certificates.trust
    assert trust is not None
    record = msgspec.structs.replace(
        trust, value=msgspec.structs.replace(trust.value, trouble=trouble)
    )
    troubled = msgspec.structs.replace(MESH, certificates=MESH.certificates.with_trust(record))
    assert shown(troubled).context["trouble"] == trouble
    assert shown().context["trouble"] is None


def test_database_that_is_away_is_said_to_operators() -> None:
    for rules, said in (('operator = "read"', "the disk is full"), (READ_WEB, "")):
        asked = asking(MESH, caller=holder(rules))
        facts = msgspec.structs.replace(asked.facts, trouble=lambda: "the disk is full")
        page = certificates(msgspec.structs.replace(asked, facts=facts))
        assert page.context["away"] == said


def test_given_root_is_replaced_by_the_command_alone(guarded: Dashboard) -> None:
    operator = holder(OPERATOR)
    page = shown(mesh(root("a", is_given=True), leaves={}), caller=operator)
    given = page.context["given"]
    assert isinstance(given, KnownRoot)
    assert given.id == "a"
    assert not page.context["may_rotate"]
    assert shown(mesh(root("a"), leaves={}), caller=operator).context["given"] is None


def test_rotation_prepares_a_root_and_the_log_knows_who_asked(guarded: Dashboard) -> None:
    asyncio.run(provided().issuer.prepare())
    secret = guarded.holding(OPERATOR)
    answer = secret.post("/ui/do/rotate-root", {"reason": "key was on a laptop"})
    assert answer.status_code == 204
    roots = guarded.store.mesh.certificates.trusted_roots()
    assert sorted(each.state for each in roots) == ["active", "prepared"]
    entry = guarded.store.recent.newest_first()[0]
    assert entry.reason == "key was on a laptop"
    assert entry.actor.startswith("token ")
    again = secret.post("/ui/do/rotate-root", {})
    assert again.status_code == 409
    assert "is prepared already" in json.loads(again["HX-Trigger"])["toast"]["text"]


def test_rotation_takes_operator_write(guarded: Dashboard) -> None:
    asyncio.run(provided().issuer.prepare())
    answer = guarded.holding('operator = "read"').post("/ui/do/rotate-root", {})
    assert answer.status_code == 403
    assert len(guarded.store.mesh.certificates.roots) == 1


def test_leaves_are_exported(dashboard: Dashboard) -> None:
    asyncio.run(provided().issuer.prepare())
    asyncio.run(provided().issuer.leaf(agent_leaf_key("web"), "web"))
    answer = dashboard.get("/ui/certificates?format=csv")
    (row,) = csv.DictReader(answer.content.decode().splitlines())
    assert (row["service"], row["holder"], row["status"]) == ("web", "HTTP clients", "passing")
    assert row["spiffe"].endswith("/svc/web")
