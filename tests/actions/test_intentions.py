from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
import pytest

from meshcore.actions.intentions import delete, delete_entry, put_entry, upsert
from meshcore.config_entries.problems import DocumentError
from meshcore.config_entries.types import ServiceDefaults
from meshcore.intentions.types import (
    Intention,
    Permission,
    RequestMatch,
    ServiceIntentions,
)
from meshcore.lib.errors import ConflictError
from meshcore.mesh.apply import apply
from meshcore.mesh.types import Change, Mesh, Topic

NINE = datetime(2026, 1, 1, 9, tzinfo=UTC)
TEN = datetime(2026, 1, 1, 10, tzinfo=UTC)
WEB = Intention(source="web", destination="api", action="allow")
ANY = Intention(source="*", destination="api", action="deny")
ADMIN = Intention(
    source="web",
    destination="api",
    permissions=(Permission(action="allow", http=RequestMatch(path_prefix="/admin")),),
)


def entry(*intentions: Intention, revoked_at: int = 9) -> ServiceIntentions:
    """As the action keeps it; what a writer says of `revoked_at` counts for nothing."""
    return ServiceIntentions(destination="api", intentions=intentions, revoked_at=revoked_at)


def dated(
    intention: Intention, *, created: datetime = NINE, updated: datetime = NINE, revision: int
) -> Intention:
    return msgspec.structs.replace(
        intention, created_at=created, updated_at=updated, revision=revision
    )


def after(mesh: Mesh, changes: Iterable[Change]) -> Mesh:
    return apply(mesh, changes, index=mesh.index + 1)


@pytest.fixture
def mesh() -> Mesh:
    """At index 8 nothing is there, at 9 there are the intentions of web and of anyone to api."""
    return after(Mesh(index=8), put_entry(Mesh(index=8), entry(ANY, WEB), now=NINE))


def test_entry_is_kept_in_the_order_of_precedence_with_times_and_revisions(mesh: Mesh) -> None:
    assert mesh.intentions.to("api") == entry(dated(WEB, revision=9), dated(ANY, revision=9))


def test_equal_entry_changes_nothing(mesh: Mesh) -> None:
    assert list(put_entry(mesh, entry(WEB, ANY), now=TEN)) == []


def test_only_the_source_whose_meaning_changes_gets_a_new_revision(mesh: Mesh) -> None:
    deny = msgspec.structs.replace(WEB, action="deny")
    assert list(put_entry(mesh, entry(deny, ANY), now=TEN)) == [
        Change(
            Topic.INTENTIONS,
            ("api",),
            entry(dated(WEB, revision=9), dated(ANY, revision=9)),
            entry(dated(deny, updated=TEN, revision=10), dated(ANY, revision=9), revoked_at=10),
        )
    ]


def test_new_description_is_an_update_and_no_new_revision(mesh: Mesh) -> None:
    described = msgspec.structs.replace(WEB, description="the shop")
    (change,) = put_entry(mesh, entry(described, ANY), now=TEN)
    assert change.after == entry(dated(described, updated=TEN, revision=9), dated(ANY, revision=9))


def test_upsert_replaces_one_source_and_leaves_the_others(mesh: Mesh) -> None:
    db = Intention(source="db", destination="api", action="allow")
    (change,) = upsert(mesh, db, now=TEN)
    assert change.after == entry(
        dated(db, created=TEN, updated=TEN, revision=10),
        dated(WEB, revision=9),
        dated(ANY, revision=9),
    )


def test_equal_upsert_changes_nothing(mesh: Mesh) -> None:
    assert list(upsert(mesh, WEB, now=TEN)) == []


def test_delete_takes_one_source(mesh: Mesh) -> None:
    (change,) = delete(mesh, "web", "api")
    assert change.after == entry(dated(ANY, revision=9), revoked_at=10)


def test_delete_of_the_last_source_deletes_the_entry(mesh: Mesh) -> None:
    mesh = after(mesh, delete(mesh, "web", "api"))
    mesh = after(mesh, delete(mesh, "*", "api"))
    assert mesh.intentions.to("api") is None


@pytest.mark.parametrize(("source", "destination"), [("db", "api"), ("web", "db")])
def test_delete_of_what_is_not_there_changes_nothing(
    mesh: Mesh, source: str, destination: str
) -> None:
    assert list(delete(mesh, source, destination)) == []


@pytest.mark.parametrize("cas", [None, 9])
def test_entry_is_deleted_as_a_whole(mesh: Mesh, cas: int | None) -> None:
    (change,) = delete_entry(mesh, "api", cas=cas)
    assert (change.key, change.after) == (("api",), None)


def test_write_after_somebody_else_s_is_refused(mesh: Mesh) -> None:
    sentence = "service-intentions/api has ModifyIndex 9, not 7"
    with pytest.raises(ConflictError, match=f"^{sentence}$"):
        list(put_entry(mesh, entry(WEB), now=TEN, cas=7))
    with pytest.raises(ConflictError, match=f"^{sentence}$"):
        list(delete_entry(mesh, "api", cas=7))


def test_create_only_is_refused_when_there_is_one(mesh: Mesh) -> None:
    with pytest.raises(ConflictError, match=r"^service-intentions/api has ModifyIndex 9, not 0$"):
        list(put_entry(mesh, entry(WEB), now=TEN, cas=0))


def test_permissions_need_a_destination_that_speaks_http(mesh: Mesh) -> None:
    with pytest.raises(DocumentError, match="speaks HTTP") as refusal:
        list(put_entry(mesh, entry(ADMIN), now=TEN))
    assert refusal.value.path == ("Sources", 0, "Permissions")


def test_permissions_are_written_for_a_destination_that_speaks_http(mesh: Mesh) -> None:
    http = ServiceDefaults(name="api", protocol="http")
    mesh = after(mesh, [Change(Topic.CONFIG_ENTRY, ("service-defaults", "api"), None, http)])
    (change,) = upsert(mesh, ADMIN, now=TEN)
    assert change.after == entry(
        dated(ADMIN, updated=TEN, revision=11), dated(ANY, revision=9), revoked_at=11
    )


def test_what_is_not_valid_is_refused(mesh: Mesh) -> None:
    with pytest.raises(DocumentError, match="Sources: at least one source is required"):
        list(put_entry(mesh, entry(), now=TEN))
