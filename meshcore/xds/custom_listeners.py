"""What holds for public listeners that operators write themselves, whatever they write."""

from envoy.config.listener.v3 import listener_components_pb2, listener_pb2
from envoy.extensions.filters.network.http_connection_manager.v3 import (
    http_connection_manager_pb2 as hcm_pb2,
)

from meshcore.proxycfg.types import PublicListener
from meshcore.xds import filters
from meshcore.xds.resources import packed


def demand_intentions(message: listener_pb2.Listener, listener: PublicListener) -> None:
    """Put the check of intentions before all that the operator's filters do."""
    if message.HasField("default_filter_chain"):
        message.filter_chains.append(message.default_filter_chain)
        message.ClearField("default_filter_chain")
    for chain in message.filter_chains:
        is_demanded = False
        if listener.speaks_http:
            is_demanded = any(_demanded_of_http(each) for each in chain.filters)
        if not is_demanded:
            # For an HTTP service nothing comes by that name, so a chain without HTTP stays shut.
            chain.filters.insert(0, filters.network_intentions())


def _demanded_of_http(network_filter: listener_components_pb2.Filter) -> bool:
    manager = hcm_pb2.HttpConnectionManager()
    if not network_filter.typed_config.Unpack(manager):
        return False
    manager.http_filters.insert(0, filters.path_header())
    manager.http_filters.insert(1, filters.http_intentions())
    manager.MergeFrom(filters.UNAMBIGUOUS_PATHS)
    network_filter.typed_config.CopyFrom(packed(manager))
    return True
