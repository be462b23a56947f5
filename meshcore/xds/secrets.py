"""SDS: the proxy's own certificate with its key, and the roots that it trusts."""

from functools import lru_cache

from envoy.config.core.v3 import base_pb2
from envoy.extensions.transport_sockets.tls.v3 import common_pb2, secret_pb2

from meshcore.xds import names
from meshcore.xds.resources import Resource, resource


def leaf(certificate_pem: str, private_key_pem: str) -> Resource:
    """Not cached: a private key is in the memory of the one stream that it belongs to."""
    certificate = common_pb2.TlsCertificate(
        certificate_chain=base_pb2.DataSource(inline_string=certificate_pem),
        private_key=base_pb2.DataSource(inline_string=private_key_pem),
    )
    return resource(names.LEAF, secret_pb2.Secret(name=names.LEAF, tls_certificate=certificate))


@lru_cache(maxsize=64)
def roots(trust_bundle: str) -> Resource:
    accepted = common_pb2.CertificateValidationContext(
        trusted_ca=base_pb2.DataSource(inline_string=trust_bundle)
    )
    secret = secret_pb2.Secret(name=names.ROOTS, validation_context=accepted)
    return resource(names.ROOTS, secret)
