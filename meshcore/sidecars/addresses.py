"""Addresses as Envoy's bootstrap has them."""

from ipaddress import ip_address

from meshcore.client.http import Json


def socket_address(host: str, port: int) -> Json:
    return {"socket_address": {"address": host, "port_value": port}}


def cluster_type(host: str) -> str:
    """Only names are looked up."""
    return "STATIC" if is_ip(host) else "STRICT_DNS"


def endpoints(cluster: str, host: str, port: int) -> Json:
    endpoint = {"endpoint": {"address": socket_address(host, port)}}
    return {"cluster_name": cluster, "endpoints": [{"lb_endpoints": [endpoint]}]}


def is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
