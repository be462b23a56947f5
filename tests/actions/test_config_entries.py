from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from meshcore.actions.config_entries import apply, delete, put
from meshcore.actions.plan import Difference, Planned, plan
from meshcore.config_entries.types import ConfigEntry, ProxyDefaults, ServiceDefaults
from meshcore.intentions.types import (
    Intention,
    Permission,
    RequestMatch,
    ServiceIntentions,
)
from meshcore.lib.errors import ConflictError, InvalidError, MeshError
from meshcore.mesh.apply import apply as applied
from meshcore.mesh.entries import Entry
from meshcore.mesh.types import Change, Mesh, Topic

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HTTP = ServiceDefaults(name="api", protocol="http")
TCP = ServiceDefaults(name="api", protocol="tcp")
HTTP_EVERYWHERE = ProxyDefaults(config={"protocol": "http"})
ADMIN = ServiceIntentions(
    destination="api",
    intentions=(
        Intention(
            source="web",
            destination="api",
            permissions=(Permission(action="allow", http=RequestMatch(path_prefix="/admin")),),
        ),
    ),
)
ALLOW = ServiceIntentions(
    destination="api", intentions=(Intention(source="web", destination="api", action="allow"),)
)


def holding(*entries: Entry) -> Mesh:
    """A mesh at index 1 that was given these entries in one write."""
    return after(Mesh(), apply(Mesh(), entries, now=NOW))


def after(mesh: Mesh, changes: Iterable[Change]) -> Mesh:
    return applied(mesh, changes, index=mesh.index + 1)


def test_put_creates_and_replaces_and_an_equal_one_changes_nothing() -> None:
    key = ("service-defaults", "api")
    assert list(put(Mesh(), HTTP)) == [Change(Topic.CONFIG_ENTRY, key, None, HTTP)]
    assert list(put(holding(HTTP), TCP)) == [Change(Topic.CONFIG_ENTRY, key, HTTP, TCP)]
    assert list(put(holding(HTTP), HTTP)) == []


def test_delete_deletes_and_what_is_not_there_changes_nothing() -> None:
    key = ("service-defaults", "api")
    assert list(delete(holding(HTTP), *key)) == [Change(Topic.CONFIG_ENTRY, key, HTTP, None)]
    assert list(delete(Mesh(), *key)) == []


def test_write_after_somebody_else_s_is_refused() -> None:
    with pytest.raises(ConflictError, match=r"^service-defaults/api has ModifyIndex 1, not 7$"):
        put(holding(HTTP), TCP, cas=7)
    with pytest.raises(ConflictError, match=r"^service-defaults/api has ModifyIndex 1, not 0$"):
        put(holding(HTTP), TCP, cas=0)
    with pytest.raises(ConflictError, match=r"^service-defaults/api is not there, and was to have"):
        delete(Mesh(), "service-defaults", "api", cas=7)
    assert put(holding(HTTP), TCP, cas=1)
    assert put(Mesh(), TCP, cas=0)


STRANDED = (
    "^the intentions to api have permissions, which need HTTP, and this would make it tcp: "
    "change those intentions first$"
)


def test_protocol_that_strands_permissions_is_refused() -> None:
    with pytest.raises(InvalidError, match=STRANDED):
        put(holding(HTTP, ADMIN), TCP)
    with pytest.raises(InvalidError, match=STRANDED):
        delete(holding(HTTP, ADMIN), "service-defaults", "api")
    with pytest.raises(InvalidError, match=STRANDED):
        put(holding(HTTP_EVERYWHERE, ADMIN), ProxyDefaults())
    with pytest.raises(InvalidError, match=STRANDED):
        delete(holding(HTTP_EVERYWHERE, ADMIN), "proxy-defaults", "global")


@pytest.mark.parametrize(
    ("mesh", "entry"),
    [
        pytest.param(holding(HTTP, ADMIN), ServiceDefaults(name="api", protocol="grpc")),
        pytest.param(holding(HTTP, ALLOW), TCP),
        pytest.param(holding(HTTP, HTTP_EVERYWHERE, ADMIN), ProxyDefaults()),
        pytest.param(holding(HTTP, ADMIN), ServiceDefaults(name="db", protocol="tcp")),
    ],
)
def test_protocol_that_strands_nothing_is_written(mesh: Mesh, entry: ConfigEntry) -> None:
    assert put(mesh, entry)


def test_apply_judges_intentions_by_the_protocols_beside_them_in_any_order() -> None:
    both: list[Entry] = [HTTP, ADMIN]
    for entries in (both, both[::-1]):
        mesh = after(Mesh(), apply(Mesh(), entries, now=NOW))
        assert mesh.intentions.to("api") is not None
        assert mesh.config_entries.protocol("api") == "http"


def test_apply_may_turn_a_service_to_tcp_together_with_its_intentions() -> None:
    mesh = holding(HTTP, ADMIN)
    assert len(apply(mesh, [TCP, ALLOW], now=NOW)) == 2


@pytest.mark.parametrize("entries", [[HTTP, HTTP], [TCP, ADMIN], [ADMIN]])
def test_apply_writes_nothing_when_one_entry_is_refused(entries: list[Entry]) -> None:
    with pytest.raises(MeshError):
        apply(Mesh(), entries, now=NOW)


def test_plan_says_what_happens_to_each_entry_field_by_field() -> None:
    before = ServiceIntentions(
        destination="api",
        intentions=(
            Intention(source="web", destination="api", action="allow"),
            Intention(source="db", destination="api", action="deny", description="never"),
        ),
    )
    mesh = holding(before, HTTP_EVERYWHERE, ServiceDefaults(name="web", protocol="http"))
    entries: list[Entry] = [ADMIN, HTTP, HTTP_EVERYWHERE]
    assert plan(entries, apply(mesh, entries, now=NOW)) == (
        Planned(
            "service-intentions",
            "api",
            "changed",
            (
                Difference("Sources[db].Action", "deny", None),
                Difference("Sources[db].Description", "never", None),
                Difference("Sources[web].Action", "allow", None),
                Difference("Sources[web].Permissions[0].Action", None, "allow"),
                Difference("Sources[web].Permissions[0].HTTP.PathPrefix", None, "/admin"),
            ),
        ),
        Planned("service-defaults", "api", "created", (Difference("Protocol", None, "http"),)),
        Planned("proxy-defaults", "global", "unchanged"),
    )
