"""Config entries on their pages: listed, edited as a text or by a form, saved, deleted."""

import json

import pytest

from dashboard.config_entries import fields
from dashboard.config_entries.editor import DiffLine, begun, edited, with_field
from dashboard.config_entries.listed import EntryRow, config
from dashboard.config_entries.page import edit
from meshcore.config_entries.types import ServiceDefaults
from meshcore.lib.errors import DeniedError, InvalidError, NotFoundError
from meshcore.mesh.types import Mesh
from meshcore.store.callers import ANYBODY
from tests.dashboard.asking import Dashboard, asking, holder
from tests.topology.meshes import http, mesh

MESH = mesh(http("web"))
WEB = ("service-defaults", "web")


def changed(text: str, mesh: Mesh = MESH) -> tuple[str, tuple[DiffLine, ...]]:
    found = edited(mesh, ANYBODY, kind=WEB[0], name=WEB[1], index=1, text=text, language="hcl")
    return found.refusal, found.diff


def test_every_entry_that_the_token_may_read_is_a_row() -> None:
    page = config(asking(MESH))
    assert page.listing is not None
    row = EntryRow(
        kind="service-defaults", name="web", says="Protocol: http", meta={}, modify_index=1
    )
    assert list(page.listing.rows) == [row]
    hidden = config(asking(MESH, caller=holder('service "db" { policy = "read" }')))
    assert hidden.listing is not None
    assert (list(hidden.listing.rows), hidden.is_filtered) == ([], True)


def test_the_editor_shows_what_saving_would_change() -> None:
    before = begun(MESH, ANYBODY, kind=WEB[0], name=WEB[1], language="hcl")
    assert (before.diff, before.can_save, before.index) == ((), False, 1)
    refusal, diff = changed(before.text.replace('"http"', '"grpc"'))
    assert refusal == ""
    assert [line for line in diff if line.mark != "same"] == [
        DiffLine("removed", 'Protocol = "http"'),
        DiffLine("added", 'Protocol = "grpc"'),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('Kind = "service-defaults"\nName = "api"', 'about "web", and the text about "api"'),
        ('Kind = "mesh"\nName = "mesh"', "about service-defaults, and the text about mesh"),
    ],
)
def test_a_text_about_something_else_is_refused(text: str, why: str) -> None:
    refusal, diff = changed(text)
    assert why in refusal
    assert diff == ()


def test_the_form_changes_the_text_and_leaves_the_rest_of_it() -> None:
    text = 'Kind = "service-defaults"\nName = "web"\nProtocol = "tcp"\nExternalSNI = "a.b"\n'
    after = with_field(text, kind=WEB[0], path="Protocol", value="http2", language="hcl")
    assert 'ExternalSNI = "a.b"' in after
    assert 'Protocol    = "http2"' in after or 'Protocol = "http2"' in after


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("Protocol", "grpc", {"Protocol": "grpc"}),
        ("Protocol", "", {}),
        ("MaxInboundConnections", "7", {"Protocol": "http", "MaxInboundConnections": 7}),
    ],
)
def test_a_field_is_set_or_taken_away(path: str, text: str, expected: dict[str, object]) -> None:
    assert fields.changed({"Protocol": "http"}, WEB[0], path, text) == expected


def test_a_number_has_to_be_one() -> None:
    with pytest.raises(InvalidError, match='"many", and has to be a whole number'):
        fields.changed({}, WEB[0], "MaxInboundConnections", "many")


def test_an_entry_is_read_by_who_may_and_a_kind_has_to_exist() -> None:
    named = (("kind", "service-defaults"), ("name", "web"))
    with pytest.raises(DeniedError):
        edit(asking(MESH, params=named, caller=holder('service "db" { policy = "read" }')))
    with pytest.raises(NotFoundError, match='no kind "nonsense"'):
        edit(asking(MESH, params=(("kind", "nonsense"),)))


def save(dashboard: Dashboard, protocol: str, *, index: int) -> tuple[int, str]:
    text = f'Kind = "service-defaults"\nName = "web"\nProtocol = "{protocol}"\n'
    form = {"kind": WEB[0], "name": "web", "text": text, "index": str(index), "reason": "why"}
    answer = dashboard.post("/ui/do/save-entry", form)
    return answer.status_code, str(json.loads(answer.headers["HX-Trigger"])["toast"]["text"])


def test_an_entry_is_saved_and_nobody_overwrites_what_he_has_not_seen(
    dashboard: Dashboard,
) -> None:
    assert save(dashboard, "http", index=0) == (204, "service-defaults/web saved")
    record = dashboard.store.mesh.config_entries.entries[WEB]
    assert record.value == ServiceDefaults(name="web", protocol="http")
    status, sentence = save(dashboard, "grpc", index=0)
    assert (status, "somebody else has written service-defaults/web" in sentence) == (409, True)
    assert save(dashboard, "grpc", index=record.modify_index)[0] == 204
    text = dashboard.text("/ui/config/edit?kind=service-defaults&name=web")
    assert "Protocol: http grpc" in " ".join(text.split())


def test_who_may_not_write_an_entry_saves_and_deletes_none(guarded: Dashboard) -> None:
    reader = guarded.holding('service_prefix "" { policy = "read" }')
    assert save(reader, "http", index=0)[0] == 403
    answer = reader.post("/ui/do/delete-entry", {"kind": WEB[0], "name": "web"})
    assert answer.status_code in (204, 403)
    assert WEB not in guarded.store.mesh.config_entries.entries
