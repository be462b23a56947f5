import json

import pytest
from envoy.config.core.v3 import base_pb2
from envoy.config.listener.v3 import listener_components_pb2, listener_pb2
from envoy.extensions.transport_sockets.tls.v3 import common_pb2, tls_pb2
from google.protobuf.any_pb2 import Any as Packed

from meshcore.proxycfg.state import ReadableResource
from meshcore.xds import secrets
from meshcore.xds.readable import readable
from meshcore.xds.resources import packed, resource
from tests.xds import golden

KEY = "-----BEGIN PRIVATE KEY-----"


def test_private_key_is_replaced_and_the_certificate_is_not() -> None:
    leaf = secrets.leaf("CERTIFICATE", KEY)
    shown = readable(leaf)
    assert shown == ReadableResource(
        kind="secret", name="leaf", version=leaf.version, json=shown.json
    )
    assert json.loads(shown.json) == {
        "name": "leaf",
        "tls_certificate": {
            "certificate_chain": {"inline_string": "CERTIFICATE"},
            "private_key": {"inline_string": "[redacted]"},
        },
    }


def test_secrets_deep_inside_of_a_custom_listener_are_replaced() -> None:
    certificate = common_pb2.TlsCertificate(
        certificate_chain=base_pb2.DataSource(inline_string="CERTIFICATE"),
        private_key=base_pb2.DataSource(inline_bytes=KEY.encode()),
        password=base_pb2.DataSource(inline_string="password"),
    )
    context = tls_pb2.DownstreamTlsContext(
        common_tls_context=tls_pb2.CommonTlsContext(tls_certificates=[certificate])
    )
    socket = base_pb2.TransportSocket(name="tls", typed_config=packed(context))
    chain = listener_components_pb2.FilterChain(transport_socket=socket)
    shown = readable(resource("own", listener_pb2.Listener(name="own", filter_chains=[chain])))
    assert "CERTIFICATE" in shown.json
    assert "PRIVATE" not in shown.json
    assert "password" not in shown.json.replace('"password"', "")


def test_type_that_is_not_known_is_left_out_whole() -> None:
    unknown = Packed(type_url="type.googleapis.com/not.known.Here", value=KEY.encode())
    socket = base_pb2.TransportSocket(name="tls", typed_config=unknown)
    chain = listener_components_pb2.FilterChain(transport_socket=socket)
    shown = readable(resource("own", listener_pb2.Listener(name="own", filter_chains=[chain])))
    assert json.loads(shown.json)["filter_chains"][0]["transport_socket"] == {
        "name": "tls",
        "typed_config": {},
    }


@pytest.mark.parametrize("name", golden.resources().keys())
def test_all_that_we_make_is_shown_as_envoy_reads_it(name: str) -> None:
    made = golden.resources()[name]
    whole = json.loads(golden.as_json(made).replace("PRIVATE KEY", "[redacted]"))
    assert json.loads(readable(made).json) | {"@type": made.type} == whole
