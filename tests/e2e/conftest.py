"""One control plane and one database a test module, Envoys as many as the test starts; one demo."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from meshcore.certificates.types import Lifetimes
from meshcore.sidecars.exporting import NOTHING, Exporting
from tests.e2e import demo as demos
from tests.e2e.control_plane import ControlPlane
from tests.e2e.demo import Demo
from tests.e2e.envoys import Envoy
from tests.store.conftest import known_to_django, migrate

StartEnvoy = Callable[..., Envoy]


@pytest.fixture(scope="module")
def lifetimes() -> Lifetimes:
    """Modules whose certificates are to live for seconds have their own."""
    return Lifetimes()


@pytest.fixture(scope="module")
def has_acls() -> bool:
    """Modules about tokens have their own."""
    return False


@pytest.fixture(scope="module")
def plane(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: DjangoDbBlocker,
    lifetimes: Lifetimes,
    has_acls: bool,  # noqa: FBT001 a fixture
) -> Iterator[ControlPlane]:
    url = f"sqlite:///{tmp_path_factory.mktemp('e2e') / 'tulle.db'}"
    with django_db_blocker.unblock():
        migrate(url)
        with known_to_django(url) as database:
            running = ControlPlane(
                database.alias, default_allow=False, lifetimes=lifetimes, has_acls=has_acls
            )
            yield running
            running.close()


@pytest.fixture
def start_envoy(plane: ControlPlane, tmp_path: Path) -> Iterator[StartEnvoy]:
    started: list[Envoy] = []

    def start(
        proxy_id: str, service: str, *, token: str = "", exporting: Exporting = NOTHING
    ) -> Envoy:
        started.append(Envoy(plane, proxy_id, service, tmp_path, token=token, exporting=exporting))
        return started[-1]

    yield start
    for envoy in started:
        envoy.stop()


@pytest.fixture(scope="session")
def running_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demos.running(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def demo(running_demo: Demo) -> Demo:
    """Its start takes longer than any test, so all share one; each begins without intentions."""
    running_demo.forget_intentions()
    return running_demo
