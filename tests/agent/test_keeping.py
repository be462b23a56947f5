"""What was registered through the agent, after a restart."""

from pathlib import Path

import pytest

from meshcore.agent.declaring import NOTHING, declare
from meshcore.agent.documents import Defined, DefinedCheck, DefinedService
from meshcore.agent.host import Host
from meshcore.agent.keeping import Keeper, Kept, Maintenance
from meshcore.registry.types import Check, CheckDefinition, Instance, Node
from meshcore.wire.agent_registrations import Registration

RUNS = frozenset(["http", "tcp"])
SCRIPT = CheckDefinition(script_args=("/bin/true",), interval_s=10)
DISK = Check(node="host-1", id="disk", name="disk", type="ttl", definition=CheckDefinition(ttl_s=5))


def service(name: str, *, port: int = 80, checks: tuple[Check, ...] = ()) -> DefinedService:
    instance = Instance(node="host-1", id=name, service=name, port=port)
    registration = Registration(
        instance=instance, checks=checks, sidecar=Instance(node="", id="", service="")
    )
    return DefinedService(registration=registration, token="secret")


def host() -> Host:
    return Host(Node(name="host-1", address="10.0.0.1"))


def restarted(folder: Path, onto: Host) -> Keeper:
    keeper = Keeper(folder)
    keeper.load()
    keeper.restore(onto, runs=RUNS)
    return keeper


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keeper = Keeper(tmp_path)
    keeper.keep(Kept(service=service("web")))
    keeper.keep(Kept(check=DefinedCheck(check=DISK)))
    keeper.keep(Kept(maintenance=Maintenance(service_id="web", reason="upgrade")))
    return tmp_path


def test_services_checks_and_maintenance_come_back_with_their_tokens(folder: Path) -> None:
    own = host()
    restarted(folder, own)
    assert sorted(key[1] for key in own.registry.instances) == ["web", "web-sidecar-proxy"]
    assert own.registry.check(("host-1", "disk")) == DISK
    assert own.registry.check(("host-1", "_service_maintenance:web")) is not None
    assert own.tokens == {"web": "secret", "web-sidecar-proxy": "secret"}


def test_what_is_gone_does_not_come_back(folder: Path) -> None:
    own = host()
    restarted(folder, own).forget_gone(host())
    again = host()
    restarted(folder, again)
    assert list(again.registry.instances) == []


def test_a_file_that_defines_it_by_now_wins_for_good(folder: Path) -> None:
    own = host()
    declare(own, NOTHING, Defined(services={"web": service("web", port=81)}), runs=RUNS)
    restarted(folder, own)
    restored = own.registry.instance(("host-1", "web"))
    assert restored is not None
    assert restored.port == 81
    again = host()
    restarted(folder, again)
    assert again.registry.instance(("host-1", "web")) is None


def test_a_script_does_not_come_back_where_scripts_are_off_by_now(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = Check(node="host-1", id="s", name="s", type="script", definition=SCRIPT)
    Keeper(tmp_path).keep(Kept(service=service("web", checks=(script,))))
    own = host()
    restarted(tmp_path, own)
    assert own.registry.instance(("host-1", "web")) is None
    assert caplog.messages[0].startswith("service web is not registered again: Invalid check: ")


def test_a_file_that_others_can_read_is_not_used(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for file in (folder / "registered").iterdir():
        file.chmod(0o644)
    own = host()
    restarted(folder, own)
    assert list(own.registry.instances) == []
    assert "lets others at it" in caplog.messages[0]
