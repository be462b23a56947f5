"""The delta protocol of one stream, without a socket: requests and resources in, responses out.

Resources are made before what refers to them and removed after it. While a client has not
confirmed its clusters and their endpoints, listeners and routes are withheld; while it has not
confirmed listeners and routes, clusters and endpoints that are no longer wanted stay.

    offered: cluster web, listener web                  client: cluster api, listener api
    -> clusters: web          <- ACK                    both clusters
    -> endpoints: web         <- ACK                    (asked for after the cluster)
    -> listeners: web, -api   <- ACK                    no listener uses cluster api any more
    -> clusters: -api         <- ACK

Of each type at most one response is on its way; what changes meanwhile is merged by comparing with
what is offered at the time of the next one.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from meshcore.proxycfg.state import Nack
from meshcore.xds.names import CDS, ECDS, EDS, KINDS, LDS, RDS, SDS
from meshcore.xds.resources import Resource

WILDCARD = "*"
WILDCARD_TYPES = (CDS, LDS)
ORDER = (CDS, EDS, SDS, LDS, RDS, ECDS)
ADDED_AFTER = {LDS: (CDS, EDS), RDS: (CDS, EDS)}
REMOVED_AFTER = {RDS: (LDS,), EDS: (LDS, RDS), CDS: (LDS, RDS)}
NACKS_KEPT = 20

Version = str | None  # None: the client was told that there is no such resource


class Request(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    subscribe: tuple[str, ...] = ()
    unsubscribe: tuple[str, ...] = ()
    initial_versions: Mapping[str, str] = {}
    nonce: str = ""
    error: str | None = None


class Response(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    nonce: str
    resources: tuple[Resource, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(resource.name for resource in self.resources) + self.removed


class Subscription(msgspec.Struct):
    """One type: what the client wants and has, and what is offered.

    `is_stale` is false only when there is certainly nothing to send. `known` is what the client has
    been sent, `confirmed` what it has taken.
    """

    type: str
    is_asked: bool = False
    is_wildcard: bool = False
    is_stale: bool = False
    names: set[str] = msgspec.field(default_factory=set)
    known: dict[str, Version] = msgspec.field(default_factory=dict)
    confirmed: dict[str, str] = msgspec.field(default_factory=dict)
    offered: Mapping[str, Resource] | None = None
    in_flight: Response | None = None
    refused: set[str] = msgspec.field(default_factory=set)

    def to_add(self) -> tuple[Resource, ...]:
        if not self.is_stale or not self.is_asked or self.offered is None:
            return ()
        wanted = self.offered if self.is_wildcard else sorted(self.names & self.offered.keys())
        return tuple(
            self.offered[name]
            for name in wanted
            if self.known.get(name) != self.offered[name].version
        )

    def to_remove(self) -> tuple[str, ...]:
        if not self.is_stale or not self.is_asked or self.offered is None:
            return ()
        gone = {name for name, version in self.known.items() if version is not None}
        never_there = {name for name in self.names if name not in self.known}
        return tuple(sorted((gone | never_there) - self.offered.keys()))


class DeltaStream:
    def __init__(self) -> None:
        self.subscriptions = {type_: Subscription(type=type_) for type_ in ORDER}
        self.nacks: deque[Nack] = deque(maxlen=NACKS_KEPT)
        self.nacked = 0  # of all times
        self._responses = 0

    def offer(self, type_: str, resources: Mapping[str, Resource]) -> None:
        """Replace all that there is of this type."""
        subscription = self.subscriptions[type_]
        if resources != subscription.offered:
            subscription.offered = resources
            subscription.is_stale = True

    def receive(self, request: Request, *, now: datetime) -> None:
        """Unknown types are ignored: a newer client may ask for what we never offer."""
        subscription = self.subscriptions.get(request.type)
        if subscription is None:
            return
        if request.nonce:
            self._confirm(subscription, request, now)
        if not subscription.is_asked:
            subscription.is_asked = True
            subscription.is_wildcard = request.type in WILDCARD_TYPES and not request.subscribe
            subscription.known.update(request.initial_versions)
            subscription.confirmed.update(request.initial_versions)
            subscription.is_stale = True
        self._subscribe(subscription, request)

    def due(self) -> Iterator[Response]:
        """What is to be sent now, in order; it counts as on its way from here on."""
        for type_ in ORDER:
            subscription = self.subscriptions[type_]
            if not subscription.is_stale or subscription.in_flight is not None:
                continue
            response = self._next(subscription)
            if response is not None:
                yield response

    def _confirm(self, subscription: Subscription, request: Request, now: datetime) -> None:
        response = subscription.in_flight
        if response is None or response.nonce != request.nonce:
            return
        subscription.in_flight = None
        names = response.names
        if request.error is None:
            subscription.refused.difference_update(names)
            subscription.confirmed.update((each.name, each.version) for each in response.resources)
            for name in response.removed:
                subscription.confirmed.pop(name, None)
        else:
            # They stay known at the refused version, so they are sent again only when they change.
            subscription.refused.update(names)
            kind = KINDS[request.type]
            nack = Nack(kind=kind, names=names, message=request.error.strip(), at=now)
            self.nacks.append(nack)
            self.nacked += 1

    def _subscribe(self, subscription: Subscription, request: Request) -> None:
        for name in request.subscribe:
            subscription.is_stale = True
            if name == WILDCARD:
                subscription.is_wildcard = True
                continue
            subscription.names.add(name)
            if name not in request.initial_versions:
                # A client that asks again may have forgotten what it had.
                subscription.known.pop(name, None)
                subscription.confirmed.pop(name, None)
        for name in request.unsubscribe:
            if name == WILDCARD:
                subscription.is_wildcard = False
            subscription.names.discard(name)
            if not subscription.is_wildcard:
                subscription.known.pop(name, None)
                subscription.confirmed.pop(name, None)

    def _next(self, subscription: Subscription) -> Response | None:
        to_add, to_remove = subscription.to_add(), subscription.to_remove()
        if not to_add and not to_remove:
            subscription.is_stale = False
            return None
        added = to_add if self._may_add(subscription.type) else ()
        removed = to_remove if not to_add and self._may_remove(subscription.type) else ()
        if subscription.type == LDS and added:
            removed = to_remove
        if not added and not removed:
            return None
        return self._sent(subscription, added, removed)

    def _sent(
        self, subscription: Subscription, added: tuple[Resource, ...], removed: tuple[str, ...]
    ) -> Response:
        self._responses += 1
        response = Response(
            type=subscription.type, nonce=str(self._responses), resources=added, removed=removed
        )
        subscription.in_flight = response
        subscription.known.update((resource.name, resource.version) for resource in added)
        for name in removed:
            if name in subscription.names:
                subscription.known[name] = None
            else:
                subscription.known.pop(name, None)
        return response

    def _may_add(self, type_: str) -> bool:
        before = [self.subscriptions[other] for other in ADDED_AFTER.get(type_, ())]
        if any(other.in_flight or other.to_add() for other in before):
            return False
        return not before or self._has_endpoints()

    def _may_remove(self, type_: str) -> bool:
        """What a refused listener or route was to let go is still in use by the old one."""
        before = [self.subscriptions[other] for other in REMOVED_AFTER.get(type_, ())]
        return not any(
            other.in_flight or other.refused or other.to_add() or other.to_remove()
            for other in before
        )

    def _has_endpoints(self) -> bool:
        """Whether the client has asked, as it does by itself, for the endpoints of its clusters."""
        clusters, endpoints = self.subscriptions[CDS], self.subscriptions[EDS]
        return all(
            not cluster.needs
            or cluster.needs in endpoints.names
            or cluster.name in clusters.refused
            or clusters.known.get(cluster.name) is None
            for cluster in (clusters.offered or {}).values()
        )
