"""What the dashboard is provided with at the start."""

from datetime import UTC, datetime
from importlib.metadata import version

from dashboard import context as dashboard
from dashboard.facts import Facts
from dashboard.hosts import Hosts
from dashboard.live.hub import Hub
from dashboard.one_time_links import OneTimeLinks
from meshcore.configuration import listing
from meshcore.configuration.types import Configuration
from meshcore.consul_api.context import Context
from meshcore.proxycfg.state import Proxies
from meshcore.store.graphs import Graphs
from meshcore.store.history import History
from meshcore.store.shared_links import SharedLinks
from meshcore.traffic.live import Traffic


def provide(
    configuration: Configuration,
    context: Context,
    *,
    proxies: Proxies,
    graphs: Graphs,
    traffic: Traffic,
) -> None:
    store, url = context.store, configuration.redis_url
    shown = facts(configuration, context, proxies=proxies, graphs=graphs, traffic=traffic)
    dashboard.provide(
        dashboard.Context(
            store=store,
            callers=context.callers,
            issuer=context.issuer,
            history=History(store),
            facts=shown,
            hub=Hub(store, shown),
            hosts=Hosts(
                node_name=configuration.node_name, external_url=configuration.external_url or ""
            ),
            key_sets=context.key_sets,
            links=OneTimeLinks(SharedLinks(url) if url else None),
        )
    )


def facts(
    configuration: Configuration,
    context: Context,
    *,
    proxies: Proxies,
    graphs: Graphs,
    traffic: Traffic,
) -> Facts:
    store = context.store
    return Facts(
        datacenter=configuration.datacenter,
        node_name=configuration.node_name,
        version=version("tulle"),
        started_at=datetime.now(UTC),
        default_allow=configuration.default_intention_policy == "allow",
        acl_enabled=configuration.acl_enabled,
        acl_default_allow=configuration.acl_default_policy == "allow",
        database="SQLite" if configuration.database_url.startswith("sqlite") else "PostgreSQL",
        has_redis=configuration.redis_url is not None,
        lifetimes=context.issuer.lifetimes,
        history=History(store),
        graphs=graphs,
        traffic=traffic,
        heartbeats=context.heartbeats,
        connected=proxies.keys,
        proxies=proxies,
        trouble=lambda: store.trouble,
        age_s=lambda: store.age_s,
        ping_trouble=lambda: store.ping_trouble,
        waiting=lambda: store.waiting,
        settings=tuple(listing.in_force(configuration)),
    )
