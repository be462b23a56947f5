from collections.abc import Iterator

import pytest

from tests.agent.processes import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests that leave it running; each has a node of its own."""
    started = Server(tmp_path_factory.mktemp("server"))
    yield started
    started.kill()
