"""What everybody is to know who starts a server that lets everybody in."""

from collections.abc import Iterator

from meshcore.configuration.types import Configuration


def open_doors(configuration: Configuration) -> Iterator[str]:
    ports = f"ports {configuration.http_port} and {configuration.grpc_port}"
    if not configuration.acl_enabled:
        yield (
            f"ACLs ARE OFF: whoever reaches {ports} may read and change everything, without any"
            " token; TULLE_ACL_ENABLED=true turns them on"
        )
    elif configuration.acl_default_policy == "allow":
        yield (
            f"THE DEFAULT POLICY IS ALLOW: whoever reaches {ports} may read and change all that no"
            " rule forbids, without any token; TULLE_ACL_DEFAULT_POLICY=deny closes the doors"
        )
