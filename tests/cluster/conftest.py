from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import cluster as clusters
from tests.cluster import data_plane as data_planes
from tests.cluster.cluster import Cluster
from tests.cluster.data_plane import DataPlane


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.cluster)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Its start takes longer than most drills, so all share one; each leaves it whole."""
    with clusters.running(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="session")
def data_plane(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataPlane]:
    with data_planes.running(cluster, tmp_path_factory.mktemp("envoys")) as running:
        yield running
