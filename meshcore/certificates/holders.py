"""Whose a leaf is, as the key says under which it is kept."""

from functools import lru_cache

import msgspec

INSTANCE = "instance:"
AGENT = "agent:"


class Holder(msgspec.Struct, frozen=True, gc=False):
    """The proxy of one instance; or, without a node, all who fetch the service's over HTTP."""

    node: str = ""
    service_id: str = ""

    @property
    def is_instance(self) -> bool:
        return bool(self.node)


def instance_leaf_key(node: str, service_id: str) -> str:
    return f"{INSTANCE}{node}/{service_id}"


def agent_leaf_key(service: str) -> str:
    """For those who fetch a service's leaf over HTTP."""
    return f"{AGENT}{service}"


@lru_cache(maxsize=32_768)  # a page asks for thousands, again and again
def holder(key: str) -> Holder:
    if not key.startswith(INSTANCE):
        return Holder()
    node, _, service_id = key.removeprefix(INSTANCE).partition("/")
    return Holder(node, service_id)
