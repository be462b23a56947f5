"""The process that says when tasks are due; it needs Redis alone, and there is one of it.

Started by `tulle beat`, or by `tulle worker --beat` in a thread of the worker.
"""

import logging
import os

from meshcore import celery
from meshcore.configuration.load import load
from meshcore.lib import logs
from meshcore.lib.errors import MeshError

log = logging.getLogger("tulle")


def main() -> None:
    try:
        configuration = load(os.environ).configuration
        app = celery.create(celery.required(configuration.redis_url))
    except MeshError as error:
        raise SystemExit(f"Error: {error}") from None
    logs.set_up(level=configuration.log_level, is_json=configuration.log_json)
    logging.getLogger("celery.beat").setLevel(logging.WARNING)  # it says each task that it sends
    log.info("beat sends the tasks of workers")
    celery.beat(app).start()


if __name__ == "__main__":
    main()
