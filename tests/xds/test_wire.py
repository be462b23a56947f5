"""Messages as bytes: what is read and written by hand is what protobuf reads and writes."""

import pytest
from envoy.service.discovery.v3 import discovery_pb2
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from meshcore.xds import wire
from meshcore.xds.names import CDS, ECDS, EDS, LDS, RDS, SDS
from meshcore.xds.resources import resource
from meshcore.xds.stream import Request, Response

TYPES = (CDS, EDS, SDS, LDS, RDS, ECDS)


def asked(**fields: object) -> bytes:
    message = json_format.ParseDict(fields, discovery_pb2.DeltaDiscoveryRequest())
    serialized: bytes = message.SerializeToString()
    return serialized


@pytest.mark.parametrize("type_", TYPES)
def test_an_acknowledgement_is_read_without_protobuf(type_: str) -> None:
    message = asked(type_url=type_, response_nonce="17")
    assert wire.acknowledgement(message) == Request(type=type_, nonce="17")
    assert wire.acknowledgement(message) == wire.decoded(message)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x12", id="a field without its length"),
        pytest.param(asked(type_url=CDS), id="no nonce"),
        pytest.param(asked(type_url=CDS)[:-1], id="half of a type"),
        pytest.param(asked(type_url="another", response_nonce="1"), id="an unknown type"),
        pytest.param(
            asked(type_url=CDS, response_nonce="1", error_detail={"message": "no"}), id="a refusal"
        ),
        pytest.param(
            asked(type_url=CDS, response_nonce="1", resource_names_subscribe=["web"]),
            id="more names",
        ),
        pytest.param(asked(type_url=CDS, response_nonce="n" * 200), id="a long nonce"),
        pytest.param(asked(type_url=CDS, response_nonce="1", node={"id": "web"}), id="with a node"),
    ],
)
def test_all_else_is_left_to_protobuf(message: bytes) -> None:
    assert wire.acknowledgement(message) is None


@given(
    type_=st.sampled_from(TYPES),
    nonce=st.text(max_size=5),
    names=st.lists(st.text(max_size=3), max_size=2),
    error=st.none() | st.text(max_size=3),
)
def test_a_request_is_what_protobuf_reads(
    type_: str, nonce: str, names: list[str], error: str | None
) -> None:
    fields: dict[str, object] = {"error_detail": {"message": error}} if error is not None else {}
    message = asked(type_url=type_, response_nonce=nonce, resource_names_subscribe=names, **fields)
    assert wire.request(message) == wire.decoded(message)


def test_a_response_is_what_protobuf_reads() -> None:
    inner = discovery_pb2.Resource(name="inner")
    response = Response(
        type=CDS, nonce="3", resources=(resource("web", inner),), removed=("api", "db")
    )
    read = discovery_pb2.DeltaDiscoveryResponse.FromString(wire.encode(response))
    assert [each.name for each in read.resources] == ["web"]
    assert (read.type_url, read.nonce, list(read.removed_resources)) == (CDS, "3", ["api", "db"])
