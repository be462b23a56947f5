"""Mutual TLS: whose certificates are shown, and which are accepted.

Certificates come by SDS under names that are the same in every proxy, so what is built here is
shared by all proxies while each stream answers with its own leaf.
"""

from collections.abc import Sequence

from envoy.config.core.v3 import base_pb2, config_source_pb2
from envoy.extensions.transport_sockets.tls.v3 import common_pb2, secret_pb2, tls_pb2
from envoy.type.matcher.v3 import string_pb2

from meshcore.proxycfg.types import Scope
from meshcore.xds import names
from meshcore.xds.resources import packed

URI = common_pb2.SubjectAltNameMatcher.URI
TLS_1_2 = common_pb2.TlsParameters.TLSv1_2


def ads() -> config_source_pb2.ConfigSource:
    return config_source_pb2.ConfigSource(
        ads=config_source_pb2.AggregatedConfigSource(),
        resource_api_version=config_source_pb2.ApiVersion.V3,
    )


def upstream(service: str, scope: Scope, *, alpn: Sequence[str] = ()) -> base_pb2.TransportSocket:
    """Show the leaf, and accept none but a certificate of this very service."""
    identity = string_pb2.StringMatcher(exact=names.spiffe_id(service, scope))
    return base_pb2.TransportSocket(
        name="envoy.transport_sockets.tls",
        typed_config=packed(
            tls_pb2.UpstreamTlsContext(
                sni=names.sni(service, scope), common_tls_context=_common(identity, alpn)
            )
        ),
    )


def downstream(scope: Scope, *, alpn: Sequence[str] = ()) -> base_pb2.TransportSocket:
    """Demand a certificate of this trust domain; which service may call is for the intentions."""
    member = string_pb2.StringMatcher(prefix=names.trust_domain_prefix(scope))
    return base_pb2.TransportSocket(
        name="envoy.transport_sockets.tls",
        typed_config=packed(
            tls_pb2.DownstreamTlsContext(
                require_client_certificate={"value": True},
                common_tls_context=_common(member, alpn),
            )
        ),
    )


def _common(identity: string_pb2.StringMatcher, alpn: Sequence[str]) -> tls_pb2.CommonTlsContext:
    accepted = common_pb2.SubjectAltNameMatcher(san_type=URI, matcher=identity)
    return tls_pb2.CommonTlsContext(
        tls_params=common_pb2.TlsParameters(tls_minimum_protocol_version=TLS_1_2),
        alpn_protocols=alpn,
        tls_certificate_sds_secret_configs=[_secret(names.LEAF)],
        combined_validation_context=tls_pb2.CommonTlsContext.CombinedCertificateValidationContext(
            default_validation_context=common_pb2.CertificateValidationContext(
                match_typed_subject_alt_names=[accepted]
            ),
            validation_context_sds_secret_config=_secret(names.ROOTS),
        ),
    )


def _secret(name: str) -> secret_pb2.SdsSecretConfig:
    return secret_pb2.SdsSecretConfig(name=name, sds_config=ads())
