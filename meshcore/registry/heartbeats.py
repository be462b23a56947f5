"""What is known of checks beside the log: when TTL checks were heard of, and output that varies.

A heartbeat that changes no status is no write, and neither is another output. Where there is Redis
they are shared through it, and outlive this process; else each TTL check has one whole TTL after a
restart to be heard of again.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

import msgspec

from meshcore.registry.types import CheckKey, Status

LONGEST_HISTORY = 20
LONGEST_NOTED = 512  # characters of output that the history keeps


class Noted(msgspec.Struct, frozen=True):
    """What a check found at some time."""

    at: datetime
    status: Status
    output: str


class Heartbeats:
    def __init__(self) -> None:
        self.heard_at_s: dict[CheckKey, float] = {}
        self.outputs: dict[CheckKey, str] = {}
        self.unshared: set[CheckKey] = set()  # heard of, and not in Redis yet
        self.nodes: dict[str, float] = {}  # when an agent was last heard of
        self.unshared_nodes: set[str] = set()
        self._history: dict[CheckKey, deque[Noted]] = {}

    def hear(self, key: CheckKey, *, output: str, now_s: float) -> None:
        self.heard_at_s[key] = now_s
        self.outputs[key] = output
        self.unshared.add(key)

    def hear_of_node(self, name: str, *, now_s: float) -> None:
        self.nodes[name] = now_s
        self.unshared_nodes.add(name)

    def deadline_s(self, key: CheckKey, *, ttl_s: float, known_since_s: float) -> float:
        """When the check expires unless it is heard of again."""
        return max(self.heard_at_s.get(key, known_since_s), known_since_s) + ttl_s

    def output(self, key: CheckKey, otherwise: str) -> str:
        return self.outputs.get(key, otherwise)

    def note(self, key: CheckKey, noted: Noted) -> None:
        history = self._history.setdefault(key, deque(maxlen=LONGEST_HISTORY))
        history.append(msgspec.structs.replace(noted, output=noted.output[:LONGEST_NOTED]))

    def history(self, key: CheckKey) -> Sequence[Noted]:
        """The last findings, newest first."""
        return tuple(self._history.get(key, ()))[::-1]

    def replace_history(self, key: CheckKey, history: Sequence[Noted]) -> None:
        """Oldest first, as it was kept elsewhere."""
        self._history[key] = deque(history, maxlen=LONGEST_HISTORY)

    def known(self) -> set[CheckKey]:
        return {*self.heard_at_s, *self.outputs, *self._history}

    def forget(self, key: CheckKey) -> None:
        self.heard_at_s.pop(key, None)
        self.outputs.pop(key, None)
        self.unshared.discard(key)
        self._history.pop(key, None)
