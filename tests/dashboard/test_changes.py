"""The log on a page: what changed, before and after, by whom and why."""

import csv
from datetime import timedelta
from functools import partial

import pytest

from dashboard.changes import changes
from meshcore.actions import config_entries, intentions
from meshcore.config_entries.types import ServiceDefaults
from meshcore.mesh import watch
from tests.dashboard.asking import NOW, Dashboard, asking, put
from tests.topology.meshes import allow, deny, service

READ_WEB = 'service "web" { policy = "read" }'
WRITE_DB = (
    'service_prefix "" { policy = "read" } service "db" { policy = "read" intentions = "write" }'
)
SPEAK_HTTP = partial(config_entries.put, entry=ServiceDefaults(name="db", protocol="http"))
SPEAK_GRPC = partial(config_entries.put, entry=ServiceDefaults(name="db", protocol="grpc"))


def intend(dashboard: Dashboard, *, action: str = "allow", reason: str = "") -> int:
    """Have web's intention toward db written, and return the entry's index."""
    intention = {"allow": allow, "deny": deny}[action]("web", "db")
    dashboard.store.write_from_thread(
        partial(intentions.upsert, intention=intention, now=NOW), actor="server", reason=reason
    )
    return dashboard.store.mesh.index


def test_newest_change_stands_first_with_who_and_why(dashboard: Dashboard) -> None:
    put(dashboard, service("web", has_sidecar=False))
    index = intend(dashboard, reason="TICKET-7")
    lines = dashboard.text("/ui/changes").splitlines()
    at = lines.index("intention web → db created: allow")
    assert lines[at - 2] == str(index)
    assert lines[at + 1 : at + 3] == ["server", "TICKET-7"]
    assert lines.index("instance web-1 on node-1 registered") > at


def test_value_that_stays_is_shown_before_and_after(dashboard: Dashboard) -> None:
    dashboard.write(SPEAK_HTTP)
    dashboard.write(SPEAK_GRPC)
    text = dashboard.text("/ui/changes")
    assert "service-defaults db changed\nProtocol:\nhttp\ngrpc" in text


def test_changes_are_filtered_by_name_kind_words_and_time(dashboard: Dashboard) -> None:
    put(dashboard, service("web", has_sidecar=False), service("api", has_sidecar=False))
    dashboard.write(SPEAK_HTTP)
    intend(dashboard)
    for query, shown in (
        ("service=db", ["intention web → db", "service-defaults db"]),
        ("kind=intentions", ["intention web → db"]),
        ("q=speaks", []),
        ("q=service-defaults", ["service-defaults db"]),
        ("since=1h&kind=config+entries", ["service-defaults db"]),
        ("since=2999-01-01", []),
        ("until=2000-01-01T00:00Z", []),
        ('filter="web" in Names and Kinds contains intentions', ["intention web → db"]),
    ):
        text = dashboard.text(f"/ui/changes?{query}")
        for sentence in ("intention web → db", "service-defaults db", "instance api-1"):
            assert (sentence in text) == (sentence in shown), (query, sentence)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=yesterday", '"yesterday" is neither an age such as 15m nor a time'),
        ("before=-1", 'before is the number of a change, and "-1" is none'),
        ("index=first", 'index is the number of a change, and "first" is none'),
        ("index=999", "there is no change 999"),
    ],
)
def test_bad_query_is_told_what_is_wrong_with_it(
    dashboard: Dashboard, query: str, sentence: str
) -> None:
    assert sentence in dashboard.text(f"/ui/changes?{query}")


def test_older_changes_come_from_the_database_and_wait_for_nothing(dashboard: Dashboard) -> None:
    put(dashboard, service("web", has_sidecar=False))
    index = intend(dashboard)
    text = dashboard.text(f"/ui/changes?before={index}")
    assert "instance web-1 on node-1 registered" in text
    assert "intention" not in text
    assert "Nothing was changed before that." in text
    for params, watch_keys, refresh in (
        ((("before", "9"),), (), None),
        ((), (watch.ANYTHING,), None),
        ((("since", "15m"),), (watch.ANYTHING,), timedelta(seconds=30)),
    ):
        page = changes(asking(dashboard.store.mesh, params=params))
        assert (page.watch_keys, page.refresh) == (watch_keys, refresh)


def test_one_change_is_shown_field_by_field(dashboard: Dashboard) -> None:
    dashboard.write(SPEAK_HTTP)
    index = dashboard.write(SPEAK_GRPC).index
    text = dashboard.text(f"/ui/changes?index={index}")
    assert text.startswith(f"Changes\nChange {index}")
    assert "service-defaults db changed\nconfig entries" in text
    assert "Field\nBefore\nAfter\nProtocol\nhttp\ngrpc" in text


def test_refusal_of_an_undo_is_told_before_it_is_tried(dashboard: Dashboard) -> None:
    first = intend(dashboard)
    assert "Undo" in dashboard.text(f"/ui/changes?index={first}")
    intend(dashboard, action="deny")
    text = dashboard.text(f"/ui/changes?index={first}")
    assert "Undo" not in text
    assert f"change {first + 1} has written the intentions toward db since" in text


def test_secrets_are_nowhere_on_the_page_of_a_token(guarded: Dashboard) -> None:
    browser = guarded.holding('acl = "write"')
    token = guarded.callers.token(guarded.token())
    text = browser.text(f"/ui/changes?index={guarded.store.mesh.index}")
    assert text.count("(hidden)") == 2
    assert token.accessor_id in text
    assert token.secret_hash not in text


def test_what_a_token_may_not_read_is_hidden_and_said_to_be(guarded: Dashboard) -> None:
    put(guarded, service("web", has_sidecar=False), service("api", has_sidecar=False))
    index = guarded.store.mesh.index
    intend(guarded)
    browser = guarded.holding(READ_WEB)
    text = browser.text("/ui/changes")
    assert "instance web-1 on node-1 registered" in text
    assert "api" not in text
    assert "policy" not in text
    assert "Some are hidden from your token" in text
    assert "more changes are hidden from your token" in browser.text(f"/ui/changes?index={index}")
    assert f"there is no change {index + 1}" in browser.text(f"/ui/changes?index={index + 1}")


def test_undo_is_offered_to_whoever_may_write_what_it_writes(guarded: Dashboard) -> None:
    put(guarded, service("web", has_sidecar=False))
    index = intend(guarded)
    assert "Undo" in guarded.holding(WRITE_DB).text(f"/ui/changes?index={index}")
    assert "Undo" not in guarded.holding(WRITE_DB).text(f"/ui/changes?index={index - 1}")
    reader = guarded.holding('service_prefix "" { policy = "read" }')
    assert "intention web → db created" in reader.text("/ui/changes")
    assert "Undo" not in reader.text("/ui/changes")


def test_tokens_are_named_to_whoever_may_read_them(guarded: Dashboard) -> None:
    secret = guarded.token()
    accessor_id = guarded.accessor_of(secret)
    guarded.store.write_from_thread(SPEAK_HTTP, actor=f"token {accessor_id}")
    text = guarded.holding('service_prefix "" { policy = "read" }').text("/ui/changes")
    assert f"token {accessor_id[:8]}" in text


def test_reason_is_text_and_nothing_else(dashboard: Dashboard) -> None:
    intend(dashboard, reason="<script>alert(1)</script>")
    html = dashboard.get("/ui/changes").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_all_that_match_are_exported(dashboard: Dashboard) -> None:
    put(dashboard, service("web", has_sidecar=False))
    index = intend(dashboard, reason="=HYPERLINK(1)")
    answer = dashboard.get("/ui/changes?kind=intentions&format=csv")
    (row,) = csv.DictReader(answer.content.decode().splitlines())
    assert row["index"] == str(index)
    assert row["changes"] == "intention web → db created: allow"
    assert row["reason"] == "'=HYPERLINK(1)"


def test_empty_list_says_why(dashboard: Dashboard) -> None:
    assert "Nothing was changed in this time." in dashboard.text("/ui/changes")
    put(dashboard, service("web"))
    assert "No change matches" in dashboard.text("/ui/changes?q=nothing")
