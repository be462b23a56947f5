"""The tasks that beat sends, as Celery knows them: one call each (schedule.py says how often)."""

from datetime import UTC, datetime

from celery import shared_task

from meshcore.tasks import tokens
from meshcore.tasks.context import context, run


@shared_task(name="tulle.tokens.prune")
def prune_tokens() -> None:
    run(tokens.prune_once(context().store, now=datetime.now(UTC)))
