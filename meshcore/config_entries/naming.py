"""Keys in Consul's spelling, from the ones of HCL and Kubernetes."""

import re
from collections.abc import Mapping

from meshcore.config_entries.problems import plain
from meshcore.config_entries.types import INITIALISMS

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
MORE_INITIALISMS = INITIALISMS | {"ca", "fs", "jwks", "sds", "uri"}
BY_USER_S_KEYS = frozenset({"failover", "subsets"})  # what the keys name is spelled by us
OPAQUE = frozenset({"add", "arguments", "config", "labels", "meta", "set"})


def consul_key(key: str) -> str:
    """path_exact and pathExact are PathExact; what begins with a capital is left as it is."""
    if key[:1].isupper():
        return key
    return "".join(
        word.upper() if word.lower() in MORE_INITIALISMS else word[:1].upper() + word[1:]
        for word in WORD.findall(key)
    )


def respelled(value: object, *, below: str = "") -> object:
    """Spell all keys as Consul does, except where they are the user's own words."""
    if plain(below) in OPAQUE:
        return value
    if isinstance(value, Mapping):
        if plain(below) in BY_USER_S_KEYS:
            return {key: respelled(inner) for key, inner in value.items()}
        return {consul_key(str(key)): respelled(v, below=str(key)) for key, v in value.items()}
    if isinstance(value, list):
        return [respelled(inner) for inner in value]
    return value


def kubernetes_key(key: str) -> str:
    """PathExact is pathExact there, and HTTP is http."""
    first = WORD.match(key)
    return first[0].lower() + key[first.end() :] if first else key


def kubernetes_spelled(value: object, *, below: str = "") -> object:
    """Spell all keys as Kubernetes does, except where they are the user's own words."""
    if plain(below) in OPAQUE:
        return value
    if isinstance(value, Mapping):
        is_user_s = plain(below) in BY_USER_S_KEYS
        spelled = str if is_user_s else kubernetes_key
        return {
            spelled(key): kubernetes_spelled(inner, below="" if is_user_s else key)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [kubernetes_spelled(inner) for inner in value]
    return value
