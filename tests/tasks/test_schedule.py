"""What beat sends and what workers know, held against each other."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from meshcore import celery
from meshcore.tasks import scheduled
from meshcore.tasks.schedule import SCHEDULE


def test_each_task_that_beat_sends_is_one_that_workers_know() -> None:
    app = celery.create("redis://127.0.0.1:1/0")
    assert scheduled.prune_tokens.name in app.tasks
    assert {entry.task for entry in SCHEDULE} <= set(app.tasks)
    assert {entry.task: entry.expires_s for entry in SCHEDULE} == {
        name: sent["options"]["expires"] for name, sent in app.conf.beat_schedule.items()
    }


def test_a_task_that_sends_another_one_from_its_thread_knows_the_broker() -> None:
    celery.create("redis://127.0.0.1:1/7")
    with ThreadPoolExecutor(1) as thread:
        url = thread.submit(lambda: str(scheduled.probe_checks.app.conf.broker_url)).result()
    assert url == "redis://127.0.0.1:1/7"


def test_beat_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    beat = celery.beat(celery.create("redis://127.0.0.1:1/0"))
    assert set(beat.scheduler.schedule) == {entry.task for entry in SCHEDULE}
    beat.sync()
    assert list(tmp_path.iterdir()) == []


def test_messages_are_json_and_nothing_else_is_taken() -> None:
    app = celery.create("unix:///tmp/redis.sock")
    assert (app.conf.task_serializer, app.conf.accept_content) == ("json", ["json"])
    assert app.conf.broker_url == "redis+socket:///tmp/redis.sock"
