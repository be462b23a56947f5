"""Changes as sentences for people: what was done to what, without any of its secrets."""

from collections.abc import Iterator

from meshcore.acl.types import BindingRule, Bootstrap, Policy, Role, Token
from meshcore.actions.intentions import identity, meaning
from meshcore.certificates.holders import holder
from meshcore.certificates.types import Leaf, Root, Trust
from meshcore.intentions.types import Intention, ServiceIntentions
from meshcore.mesh.places import Place
from meshcore.mesh.types import Change, Topic
from meshcore.registry.health import is_maintenance
from meshcore.registry.types import CONNECT_PROXY, Check, Instance, Node

SHORT = 8  # characters of an id that people tell it by

BY_KEY = {
    Topic.NODE: "node {}",
    Topic.CONFIG_ENTRY: "{} {}",
    Topic.INTENTIONS: "the intentions toward {}",
    Topic.TRUST: "the certificate authority",
    Topic.AUTH_METHOD: "auth method {}",
    Topic.BOOTSTRAP: "the ACL bootstrap",
    Topic.PLACE: "the place of {} in the graph",
}

Intentions = dict[tuple[str, str], Intention]


def sentences(change: Change) -> tuple[str, ...]:
    """At least one; the intentions toward one destination are one value, but many sentences."""
    before, after = change.before, change.after
    if isinstance(before or after, ServiceIntentions):
        assert before is None or isinstance(before, ServiceIntentions)
        assert after is None or isinstance(after, ServiceIntentions)
        said = tuple(_of_intentions(before, after))
        return said or (f"{subject(change)} changed",)
    match (before, after):
        case (Check(), Check()):
            return (_of_check(before, after),)
        case (None, Check()) if is_maintenance(after):
            return (f"{_owner(after)} put into maintenance: {after.notes}",)
        case (Check(), None) if is_maintenance(before):
            return (f"{_owner(before)} taken out of maintenance",)
        case (None, Check()):
            return (f"{subject(change)} added: {after.status}",)
        case (Trust(), Trust()) if before.trouble != after.trouble:
            if after.trouble is None:
                return ("certificates are looked after again",)
            return (f"certificates cannot be looked after: {after.trouble.text}",)
        case (Root(), Root()):
            return (f"{subject(change)}: {before.state} → {after.state}",)
        case (None, Bootstrap()):
            return (f"{subject(change)}: the first management token is {after.accessor_id}",)
    return (f"{subject(change)} {_verb(change)}",)


def subject(change: Change) -> str:
    """What the change is about, as one calls it in a sentence."""
    value = change.after if change.after is not None else change.before
    match value:
        case Instance():
            what = "sidecar" if value.kind == CONNECT_PROXY else "instance"
            return f"{what} {value.id} on {value.node}"
        case Check():
            return f"check {value.id} of {_owner(value)}"
        case Root():
            return f"root {value.id.replace(':', '')[:SHORT]}"
        case Leaf():
            return f"the certificate of {_holder_of(change.key[0], value)}"
        case Policy():
            return f"policy {value.name}"
        case Role():
            return f"role {value.name}"
        case Token():
            title = f" ({value.description})" if value.description else ""
            return f"token {value.accessor_id[:SHORT]}{title}"
        case BindingRule():
            return f"binding rule {value.id[:SHORT]} of {value.auth_method}"
    return BY_KEY[change.topic].format(*change.key)


def _verb(change: Change) -> str:
    value = change.after if change.after is not None else change.before
    if isinstance(change.after, Place):
        return "pinned" if change.after.is_pinned else "set"
    if change.before is None:
        match value:
            case Node() | Instance():
                return "registered"
            case Leaf():
                return "issued"
            case Root() | Trust():
                return "prepared"
        return "created"
    if change.after is None:
        return "deregistered" if isinstance(value, Node | Instance) else "deleted"
    return "renewed" if isinstance(value, Leaf) else "changed"


def _holder_of(key: str, leaf: Leaf) -> str:
    whose = holder(key)
    if whose.is_instance:
        return f"{whose.service_id} on {whose.node}"
    return f"{leaf.service} for HTTP clients"


def _owner(check: Check) -> str:
    return f"{check.service_id} on {check.node}" if check.service_id else f"node {check.node}"


def _of_check(before: Check, after: Check) -> str:
    title = f"check {after.id} of {_owner(after)}"
    if before.status == after.status:
        return f"{title} changed"
    return f"{title}: {before.status} → {after.status}"


def _of_intentions(
    before: ServiceIntentions | None, after: ServiceIntentions | None
) -> Iterator[str]:
    former, latter = _by_source(before), _by_source(after)
    for key in dict.fromkeys((*former, *latter)):
        old, new = former.get(key), latter.get(key)
        if old == new:
            continue
        either = new or old
        assert either is not None
        peer = f" of peer {either.source_peer}" if either.source_peer else ""
        title = f"intention {either.source}{peer} → {either.destination}"
        if old is None or new is None:
            done = "created" if old is None else "deleted"
            yield f"{title} {done}: {decision(either)}"
        elif meaning(old) == meaning(new):
            yield f"{title} described anew: {decision(new)}"
        elif decision(old) == decision(new):
            yield f"{title}: other permissions"
        else:
            yield f"{title}: {decision(old)} → {decision(new)}"


def _by_source(entry: ServiceIntentions | None) -> Intentions:
    return {identity(intention): intention for intention in entry.intentions} if entry else {}


def decision(intention: Intention) -> str:
    count = len(intention.permissions)
    if count:
        return "1 permission" if count == 1 else f"{count} permissions"
    return intention.action or "nothing"
