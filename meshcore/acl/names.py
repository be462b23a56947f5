"""Which names may be used, and with what sentence the others are refused."""

import re

from meshcore.lib.errors import InvalidError

LOWER = re.compile(r"[a-z0-9]([a-z0-9_-]{0,254}[a-z0-9])?")
POLICY = re.compile(r"(?=.{1,128}$)[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)?")
ROLE = re.compile(r"[A-Za-z0-9_-]{1,256}")
AUTH_METHOD = re.compile(r"[A-Za-z0-9_-]{1,128}")

LOWER_RULE = "up to 256 lower-case letters, digits, - and _, the first and last no - or _"


def require_service(name: str) -> None:
    _require(name, LOWER, what="service identity", rule=LOWER_RULE)


def require_node(name: str) -> None:
    _require(name, LOWER, what="node identity", rule=LOWER_RULE)


def require_policy(name: str) -> None:
    rule = "up to 128 letters, digits, - and _, with at most one / between them"
    _require(name, POLICY, what="policy", rule=rule)


def require_role(name: str) -> None:
    _require(name, ROLE, what="role", rule="up to 256 letters, digits, - and _")


def require_auth_method(name: str) -> None:
    _require(name, AUTH_METHOD, what="auth method", rule="up to 128 letters, digits, - and _")


def _require(name: str, pattern: re.Pattern[str], *, what: str, rule: str) -> None:
    if not pattern.fullmatch(name):
        raise InvalidError(f'"{name}" is no name for a {what}: it takes {rule}')
