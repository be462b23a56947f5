"""What TTL checks were last told, kept in memory: a heartbeat that changes no status is no write.

Lost with the process: after a restart each TTL check has one whole TTL to be heard of again.
"""

from meshcore.registry.types import CheckKey


class Heartbeats:
    def __init__(self) -> None:
        self.heard_at_s: dict[CheckKey, float] = {}
        self.outputs: dict[CheckKey, str] = {}

    def hear(self, key: CheckKey, *, output: str, now_s: float) -> None:
        self.heard_at_s[key] = now_s
        self.outputs[key] = output

    def deadline_s(self, key: CheckKey, *, ttl_s: float, known_since_s: float) -> float:
        """When the check expires unless it is heard of again."""
        return max(self.heard_at_s.get(key, known_since_s), known_since_s) + ttl_s

    def output(self, key: CheckKey, otherwise: str) -> str:
        return self.outputs.get(key, otherwise)

    def forget(self, key: CheckKey) -> None:
        self.heard_at_s.pop(key, None)
        self.outputs.pop(key, None)
