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
