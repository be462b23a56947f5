"""Workers that die: what they had claimed is taken over, and no check is lost."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.processes import until
from tests.e2e.apps import counting_app

CHECKS = 60
NODE = "node-of-checks"


@pytest.fixture
def asked(cluster: Cluster) -> Iterator[Counter[str]]:
    """How often each check has asked; all of them are due every second."""
    counts: Counter[str] = Counter()
    with counting_app(counts) as port, cluster.client() as client:
        checks = [
            {
                "Node": NODE,
                "CheckID": f"check-{number}",
                "Name": "alive",
                "Status": "critical",
                "Definition": {"HTTP": f"http://127.0.0.1:{port}/{number}", "Interval": "1s"},
            }
            for number in range(CHECKS)
        ]
        place = {"Node": NODE, "Address": "10.0.0.1", "Checks": checks}
        client.put("/v1/catalog/register", json=place).raise_for_status()
        yield counts
        client.put("/v1/catalog/deregister", json={"Node": NODE}).raise_for_status()


def until_each_is_asked(asked: Counter[str], *, more: int) -> None:
    before = Counter(asked)
    until(
        lambda: all(asked[f"/{n}"] >= before[f"/{n}"] + more for n in range(CHECKS)),
        f"each check has asked {more} times more: {asked}",
    )


def statuses(cluster: Cluster) -> set[str]:
    with cluster.client() as client:
        return {each["Status"] for each in client.get(f"/v1/health/node/{NODE}").json()}


def test_a_worker_that_is_killed_in_the_middle_of_a_batch(
    cluster: Cluster, asked: Counter[str]
) -> None:
    until_each_is_asked(asked, more=1)
    until(lambda: statuses(cluster) == {"passing"}, "all checks pass")
    for worker in reversed(cluster.workers):
        worker.kill()
        if "--beat" in worker.words:  # nobody else says when tasks are due
            worker.start()
        until_each_is_asked(asked, more=3)
        assert statuses(cluster) == {"passing"}
        if not worker.is_running:
            worker.start()
