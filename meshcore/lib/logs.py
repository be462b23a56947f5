"""How a process writes its log: lines for people, or JSON with Consul's names for programs."""

import logging
import sys
from collections import deque
from contextvars import ContextVar
from datetime import UTC, datetime

import msgspec

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
TAIL: deque[str] = deque(maxlen=1000)  # the last lines, for whoever debugs
LEVELS = {"WARNING": "warn", "CRITICAL": "error"}


def set_up(*, level: str, is_json: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(named)
    handler.setFormatter(Json() if is_json else logging.Formatter(LINE))
    tail = Tail()
    tail.addFilter(named)
    tail.setFormatter(logging.Formatter(LINE))
    logging.basicConfig(level=level.upper(), handlers=[handler, tail])


LINE = "%(asctime)s %(levelname)-7s %(name)s%(of_request)s: %(message)s"


def named(record: logging.LogRecord) -> bool:
    """Say of what request a line is; nothing is left out."""
    request_id = REQUEST_ID.get()
    record.__dict__["request_id"] = request_id
    record.__dict__["of_request"] = f" [{request_id}]" if request_id else ""
    return True


class Tail(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        TAIL.append(self.format(record))


class Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str] = {
            "@timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "@level": LEVELS.get(record.levelname, record.levelname.lower()),
            "@module": record.name,
            "@message": record.getMessage(),
        }
        request_id: str = getattr(record, "request_id", "")
        if request_id:
            line["request_id"] = request_id
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()
