"""The Celery application: tasks over Redis, as JSON alone.

Nothing below imports this module, nor does the package's `__init__`: a command that loads Celery
takes a third of a second more.
"""

from celery import Celery
from celery.beat import Scheduler, Service

from meshcore.lib.errors import InvalidError
from meshcore.tasks.schedule import SCHEDULE

QUEUE = "tulle"
# A task that is acknowledged late goes to another worker when it takes longer than this.
LONGEST_TASK_S = 300
ANSWER_S = 5.0  # a Redis that hangs is taken for one that is away


def create(redis_url: str) -> Celery:
    app = Celery("tulle", broker=broker_url(redis_url))
    app.set_default()  # current alone, it would be so in this thread, and others had no broker
    app.conf.update(
        accept_content=["json"],
        beat_max_loop_interval=1,
        beat_schedule={
            entry.task: {
                "task": entry.task,
                "schedule": entry.every_s,
                "options": {"expires": entry.expires_s},
            }
            for entry in SCHEDULE
        },
        broker_connection_max_retries=None,  # for ever: to give up would end all checks
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "health_check_interval": 10,
            "socket_connect_timeout": ANSWER_S,
            "socket_timeout": ANSWER_S,
            "visibility_timeout": LONGEST_TASK_S,
        },
        enable_utc=True,
        # Lost with its worker: what beat sends again in a moment. Other tasks say acks_late.
        task_acks_late=False,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_reject_on_worker_lost=True,
        task_serializer="json",
        timezone="UTC",
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        worker_redirect_stdouts=False,
    )
    return app


def beat(app: Celery) -> Service:
    """Its times are in memory, not in a file: every task may as well run at the start."""
    return Service(app, scheduler_cls=Scheduler)


def broker_url(redis_url: str) -> str:
    """Kombu has a name of its own for Redis on a Unix socket."""
    return redis_url.replace("unix://", "redis+socket://", 1)


def required(redis_url: str | None) -> str:
    if redis_url is None:
        raise InvalidError(
            "workers and beat take their tasks from Redis: set TULLE_REDIS_URL to the server's;"
            " a server without Redis runs the tasks itself"
        )
    return redis_url
