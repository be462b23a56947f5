"""Our field names in Consul's spelling, for what goes out and what comes in."""

import msgspec

INITIALISMS = {
    "acl": "ACL",
    "ca": "CA",
    "csr": "CSR",
    "grpc": "GRPC",
    "h2ping": "H2PING",
    "http": "HTTP",
    "id": "ID",
    "ids": "IDs",
    "ip": "IP",
    "jwt": "JWT",
    "ns": "NS",
    "pem": "PEM",
    "rpc": "RPC",
    "tcp": "TCP",
    "tls": "TLS",
    "ttl": "TTL",
    "udp": "UDP",
    "uri": "URI",
    "url": "URL",
}


def consul_name(field: str) -> str:
    """service_id is ServiceID; a trailing underscore only keeps a Python word free."""
    words = field.rstrip("_").split("_")
    return "".join(INITIALISMS.get(word, word[:1].upper() + word[1:]) for word in words)


class Out(msgspec.Struct, frozen=True, rename=consul_name, gc=False):
    """What Consul leaves out when it is empty is UNSET."""


class In(msgspec.Struct, frozen=True, rename=consul_name, forbid_unknown_fields=True, gc=False):
    """What is unknown sends the decoder to its second, lenient reading."""
