"""What a token may do on this host: servers say so, and it is remembered while they are away."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from meshcore.acl.denial import permission
from meshcore.acl.rules import Rule
from meshcore.agent.servers import Servers
from meshcore.client.http import UnreachableError
from meshcore.lib.errors import DeniedError, UnavailableError

FRESH_S = 30.0  # as long as Consul's agents keep theirs
MOST_KEPT = 16384
MOST_AT_ONCE = 64  # questions that a server answers together
SWITCHED_OFF = "ACL support disabled"  # Consul's words
PATH = "/v1/internal/acl/authorize"


class Verdict(msgspec.Struct, frozen=True):
    is_allowed: bool
    at_s: float


class Verdicts:
    def __init__(
        self,
        servers: Servers,
        *,
        default_token: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = servers
        self._default_token = default_token
        self._clock = clock
        self._pepper = secrets.token_bytes(32)
        self._kept: dict[tuple[bytes, Rule], Verdict] = {}
        self._open_at_s: float | None = None  # when the servers last said that ACLs are off

    async def require(self, secret: str, rules: Iterable[Rule]) -> None:
        wanted = tuple(dict.fromkeys(rules))
        allowed = await self.allowed(secret, wanted)
        for rule in wanted:
            if rule not in allowed:
                lacking = permission(rule.kind, rule.access, rule.segment)
                raise DeniedError(f"Permission denied: token lacks permission {lacking}")

    async def allowed(self, secret: str, rules: Sequence[Rule]) -> frozenset[Rule]:
        """Which of these; one that was never asked for before needs a server to say."""
        if not rules:
            return frozenset()
        secret = secret or self._default_token
        key = hashlib.blake2b(secret.encode(), key=self._pepper).digest()
        unknown = [rule for rule in dict.fromkeys(rules) if not self._is_fresh(key, rule)]
        try:
            if unknown and not self._is_open(FRESH_S):
                await self._ask(secret, key, unknown)
        except UnreachableError as error:
            if not self._is_open(None) and any((key, rule) not in self._kept for rule in unknown):
                raise UnavailableError(
                    f"whether this token may do that is not known here, and {error}"
                ) from None
        if self._is_open(None):
            return frozenset(rules)
        return frozenset(
            rule for rule in rules if (v := self._kept.get((key, rule))) and v.is_allowed
        )

    def _is_fresh(self, key: bytes, rule: Rule) -> bool:
        known = self._kept.get((key, rule))
        return known is not None and self._clock() - known.at_s < FRESH_S

    def _is_open(self, within_s: float | None) -> bool:
        if self._open_at_s is None:
            return False
        return within_s is None or self._clock() - self._open_at_s < within_s

    async def _ask(self, secret: str, key: bytes, rules: Sequence[Rule]) -> None:
        if len(self._kept) + len(rules) > MOST_KEPT:
            self._kept.clear()
        for begin in range(0, len(rules), MOST_AT_ONCE):
            some = rules[begin : begin + MOST_AT_ONCE]
            try:
                answers = await self._servers.ask(
                    "POST", PATH, token=secret, body=[_question(rule) for rule in some]
                )
            except DeniedError as refusal:
                if SWITCHED_OFF in str(refusal):
                    self._open_at_s = self._clock()
                    return
                self._forget(key)
                raise
            self._open_at_s = None
            for rule, answer in zip(some, answers, strict=True):
                self._kept[key, rule] = Verdict(answer["Allow"], self._clock())

    def _forget(self, key: bytes) -> None:
        """A token that is no more is not to be remembered in the next outage."""
        for known in [each for each in self._kept if each[0] == key]:
            del self._kept[known]


def _question(rule: Rule) -> dict[str, str]:
    return {
        "Resource": rule.kind.value,
        "Access": rule.access.word,
        "Segment": rule.segment,
    }
