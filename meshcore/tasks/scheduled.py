"""The tasks that beat sends, as Celery knows them: one call each (schedule.py says how often)."""

from datetime import UTC, datetime

from celery import shared_task

from meshcore.tasks import certificates, tokens
from meshcore.tasks.claims import claimed
from meshcore.tasks.context import context, run


@shared_task(name="tulle.certificates.look_after")
def look_after_certificates() -> None:
    issuer = context().issuer
    if issuer is None:
        return
    with claimed(context().redis_url, certificates.CLAIM, for_s=certificates.CLAIM_S) as is_ours:
        if is_ours:
            run(issuer.look_after())


@shared_task(name="tulle.certificates.prune_records")
def prune_records() -> None:
    certificates.prune_once(context().store)


@shared_task(name="tulle.checks.probe")
def probe_checks() -> None:
    """A batch; where there is more, another worker that is free takes it."""
    if run(context().checking.probe()):
        probe_checks.delay()


@shared_task(name="tulle.checks.sweep")
def sweep_checks() -> None:
    run(context().checking.sweep())


@shared_task(name="tulle.checks.reconcile")
def reconcile_checks() -> None:
    run(context().checking.reconcile())


@shared_task(name="tulle.tokens.prune")
def prune_tokens() -> None:
    run(tokens.prune_once(context().store, now=datetime.now(UTC)))
