import logging
import sys
from datetime import datetime

import msgspec

from meshcore.lib import logs


def record(
    message: str, *, level: int = logging.WARNING, failed: bool = False
) -> logging.LogRecord:
    error = None
    if failed:
        try:
            raise KeyError("web")
        except KeyError:
            error = sys.exc_info()
    made = logging.LogRecord("tulle.store", level, "", 0, message, ("web",), error)
    logs.named(made)
    return made


def test_a_line_for_people_names_the_request() -> None:
    line = logging.Formatter(logs.LINE)
    assert line.format(record("%s is away")).endswith(" WARNING tulle.store: web is away")
    token = logs.REQUEST_ID.set("7f3a")
    assert line.format(record("%s is away")).endswith("tulle.store [7f3a]: web is away")
    logs.REQUEST_ID.reset(token)


def test_a_line_for_programs_has_consul_s_names() -> None:
    token = logs.REQUEST_ID.set("7f3a")
    line = msgspec.json.decode(logs.Json().format(record('"%s"\nis away')))
    logs.REQUEST_ID.reset(token)
    assert datetime.fromisoformat(line.pop("@timestamp")).tzinfo is not None
    assert line == {
        "@level": "warn",
        "@module": "tulle.store",
        "@message": '"web"\nis away',
        "request_id": "7f3a",
    }


def test_an_error_is_one_line_with_its_traceback() -> None:
    text = logs.Json().format(record("%s", level=logging.ERROR, failed=True))
    assert "\n" not in text
    assert msgspec.json.decode(text)["error"].endswith("KeyError: 'web'")
