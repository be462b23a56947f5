"""Links as they are typed: names, and identities as the command line takes them.

web               the service identity web
web:dc1,dc2       the same, in these datacenters alone
node-1:dc1        a node identity, which has one datacenter
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from dashboard.params import Params
from meshcore.acl.types import NodeIdentity, Role, ServiceIdentity, TemplatedPolicyLink, Token
from meshcore.acl.view import Acl
from meshcore.lib.errors import InvalidError

Linked = TypeVar("Linked", Token, Role)


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Of a templated policy also the name that is put into it, or nothing."""

    policies: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    templates: tuple[tuple[str, str], ...] = ()


def words_in(form: Params, *, without: str = "") -> Words:
    """What is filled in; `without` is the one to leave out, such as `policy/2`."""

    def filled(name: str) -> tuple[str, ...]:
        typed = (word.strip() for word in form.all(name))
        return tuple(word for at, word in enumerate(typed) if word and f"{name}/{at}" != without)

    pairs = zip(form.all("template"), form.all("template_for"), strict=False)
    return Words(
        policies=filled("policy"),
        roles=filled("role"),
        services=filled("service"),
        nodes=filled("node"),
        templates=tuple(
            (template, name.strip())
            for at, (template, name) in enumerate(pairs)
            if template and f"template/{at}" != without
        ),
    )


def words_of(linked: Token | Role, acl: Acl) -> Words:
    """What is gone stands here by its id, so that saving does not pass it over in silence."""
    policies = ((policy_id, acl.policy(policy_id)) for policy_id in linked.policies)
    role_ids = linked.roles if isinstance(linked, Token) else ()
    roles = ((role_id, acl.role(role_id)) for role_id in role_ids)
    return Words(
        policies=tuple(policy.name if policy else key for key, policy in policies),
        roles=tuple(role.name if role else key for key, role in roles),
        services=tuple(
            within(each.service, each.datacenters) for each in linked.service_identities
        ),
        nodes=tuple(within(each.node, (each.datacenter,)) for each in linked.node_identities),
        templates=tuple(
            (each.template, within(each.name, each.datacenters))
            for each in linked.templated_policies
        ),
    )


def within(name: str, datacenters: tuple[str, ...]) -> str:
    return f"{name}:{','.join(datacenters)}" if datacenters else name


def linked_by(words: Words, linked: Linked) -> Linked:
    """With these links, the policies and roles by whatever they are called."""
    after = replace(
        linked,
        policies=words.policies,
        service_identities=tuple(service_identity(word) for word in words.services),
        node_identities=tuple(node_identity(word) for word in words.nodes),
        templated_policies=tuple(templated(*pair) for pair in words.templates),
    )
    if isinstance(after, Token):
        after = replace(after, roles=words.roles)
    return after


def parted(word: str) -> tuple[str, tuple[str, ...]]:
    name, colon, rest = word.partition(":")
    datacenters = tuple(part.strip() for part in rest.split(",") if part.strip())
    if colon and not datacenters:
        raise InvalidError(f'"{word}" names no datacenter after its colon: write it as web:dc1')
    return name.strip(), datacenters


def service_identity(word: str) -> ServiceIdentity:
    service, datacenters = parted(word)
    return ServiceIdentity(service=service, datacenters=datacenters)


def node_identity(word: str) -> NodeIdentity:
    node, datacenters = parted(word)
    if len(datacenters) != 1:
        raise InvalidError(
            f'the node identity "{word}" needs one datacenter: write it as node-1:dc1'
        )
    return NodeIdentity(node=node, datacenter=datacenters[0])


def templated(template: str, word: str) -> TemplatedPolicyLink:
    name, datacenters = parted(word)
    return TemplatedPolicyLink(template=template, name=name, datacenters=datacenters)


def options(words: Words) -> Iterator[str]:
    """As `tulle acl token` and `role` take them; one templated policy is all that they can."""
    yield from _each("--policy-name", words.policies)
    yield from _each("--role-name", words.roles)
    yield from _each("--service-identity", words.services)
    yield from _each("--node-identity", words.nodes)
    for template, name in words.templates[:1]:
        yield from ("--templated-policy", template)
        if name:
            yield from ("--var", f"name:{name.partition(':')[0]}")


def changed_options(before: Words, after: Words) -> Iterator[str]:
    """For an update, which replaces what is named and keeps the rest: "" takes all of it away."""
    for name in msgspec.structs.fields(Words):
        old, new = getattr(before, name.name), getattr(after, name.name)
        if old == new:
            continue
        if new:
            yield from options(Words(**{name.name: new}))
        else:
            yield from (OPTIONS[name.name], "")


OPTIONS = {
    "policies": "--policy-name",
    "roles": "--role-name",
    "services": "--service-identity",
    "nodes": "--node-identity",
    "templates": "--templated-policy",
}


def _each(option: str, words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from (option, word)
