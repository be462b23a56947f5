"""What a service, a node and the templated policies stand for, as rules."""

import difflib
from collections.abc import Callable

import msgspec

from meshcore.acl.names import require_node, require_service
from meshcore.acl.rules import Access, RuleKind, Rules, everywhere, exactly, rendered
from meshcore.lib.errors import InvalidError, NotFoundError

SIDECAR_SUFFIX = "-sidecar-proxy"
PLACEHOLDER = "{{.Name}}"  # how Consul's clients see a name that is to be put in

READ_SERVICES = everywhere(RuleKind.SERVICE, Access.READ)
READ_NODES = everywhere(RuleKind.NODE, Access.READ)


def rules_of_service(name: str) -> Rules:
    """Register the service and its sidecar, and find everything that they may call."""
    return (
        exactly(RuleKind.SERVICE, name, Access.WRITE),
        exactly(RuleKind.SERVICE, f"{name}{SIDECAR_SUFFIX}", Access.WRITE),
        READ_SERVICES,
        READ_NODES,
    )


def rules_of_node(name: str) -> Rules:
    return (exactly(RuleKind.NODE, name, Access.WRITE), READ_SERVICES)


def rules_of_gateway(name: str) -> Rules:
    return (
        everywhere(RuleKind.MESH, Access.READ),
        READ_NODES,
        READ_SERVICES,
        exactly(RuleKind.SERVICE, name, Access.WRITE),
    )


def rules_of_workload(name: str) -> Rules:
    return (exactly(RuleKind.IDENTITY, name, Access.WRITE),)


def rules_for_dns(_: str) -> Rules:
    return (READ_NODES, READ_SERVICES, everywhere(RuleKind.QUERY, Access.READ))


def rules_of_nomad_server(_: str) -> Rules:
    return (
        everywhere(RuleKind.ACL, Access.WRITE),
        everywhere(RuleKind.AGENT, Access.READ),
        READ_NODES,
        everywhere(RuleKind.SERVICE, Access.WRITE),
    )


def rules_of_nomad_client(name: str) -> Rules:
    return (
        exactly(RuleKind.AGENT, name, Access.READ),
        exactly(RuleKind.NODE, name, Access.WRITE),
        everywhere(RuleKind.SERVICE, Access.WRITE),
    )


class Template(msgspec.Struct, frozen=True):
    name: str
    description: str
    rules: Callable[[str], Rules]
    require: Callable[[str], None] | None = None  # None: no name is put into it

    @property
    def text(self) -> str:
        return rendered(self.rules(PLACEHOLDER))


TEMPLATES = {
    template.name: template
    for template in (
        Template(
            "builtin/service",
            "Register the service and its sidecar proxy, and find all services and nodes.",
            rules_of_service,
            require_service,
        ),
        Template(
            "builtin/node",
            "Register the node, and find all services.",
            rules_of_node,
            require_node,
        ),
        Template("builtin/dns", "Answer DNS queries about nodes and services.", rules_for_dns),
        Template(
            "builtin/nomad-server",
            "What a Nomad server needs: tokens for its workloads, and their registration.",
            rules_of_nomad_server,
        ),
        Template(
            "builtin/nomad-client",
            "What a Nomad client needs: its node, and the registration of workloads.",
            rules_of_nomad_client,
            require_node,
        ),
        Template(
            "builtin/workload-identity",
            "Be the workload identity of that name.",
            rules_of_workload,
            require_service,
        ),
        Template(
            "builtin/api-gateway",
            "Register the gateway, and find what it leads to.",
            rules_of_gateway,
            require_service,
        ),
    )
}


def template_named(name: str) -> Template:
    """Raise NotFoundError with the name that was probably meant."""
    template = TEMPLATES.get(name)
    if template is None:
        close = difflib.get_close_matches(name, TEMPLATES, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(TEMPLATES)}"
        raise NotFoundError(f'no templated policy "{name}"; {hint}')
    return template


def rules_of_template(template: str, name: str) -> Rules:
    """Raise InvalidError for a name that is missing, not wanted, or none that fits."""
    found = template_named(template)
    if found.require is None:
        if name:
            raise InvalidError(f'{template} takes no name, but was given "{name}"')
    elif not name:
        raise InvalidError(f"{template} needs a name to put into its rules")
    else:
        found.require(name)
    return found.rules(name)
