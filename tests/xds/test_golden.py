"""What is built, as a reviewer reads it; tests/e2e/test_golden.py shows it to a real Envoy."""

import pytest
from envoy.service.discovery.v3 import discovery_pb2

from tests.xds.golden import FOLDER, as_json, file, resources


@pytest.mark.parametrize("name", resources())
def test_the_resource_is_as_its_golden_file_says(name: str) -> None:
    assert as_json(resources()[name]) == file(name).read_text()


def test_every_golden_file_is_of_a_resource() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(resources())


@pytest.mark.parametrize("name", resources())
def test_a_framed_resource_is_the_field_of_a_response(name: str) -> None:
    resource = resources()[name]
    (parsed,) = discovery_pb2.DeltaDiscoveryResponse.FromString(resource.framed).resources
    assert (parsed.name, parsed.version, parsed.resource.type_url) == (
        resource.name,
        resource.version,
        resource.type,
    )
