"""The compose file and what it refers to, as far as that can be told without Docker."""

import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from meshcore.agent import settings as agent
from meshcore.configuration.load import is_secret
from meshcore.configuration.table import SETTINGS

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = YAML(typ="safe").load(ROOT / "docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
VARIABLES = {
    variable
    for setting in (*SETTINGS, *agent.SETTINGS)
    for variable in (setting.variable, *([setting.file_variable] if is_secret(setting) else ()))
} | {"TULLE_SECRET_KEY_FILE"}


def test_what_it_is_made_of() -> None:
    assert sorted(SERVICES) == [
        "balancer",
        "beat",
        "demo-postgres",
        "demo-postgres-agent",
        "demo-protocols",
        "frontend",
        "frontend-agent",
        "postgres",
        "product-api",
        "product-api-agent",
        "public-api",
        "public-api-agent",
        "redis",
        "server-a",
        "server-b",
        "worker-a",
        "worker-b",
    ]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_refers_to_what_is_there(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    assert set(service.get("depends_on", ())) <= set(SERVICES)
    network = service.get("network_mode", "").removeprefix("service:")
    assert not network or network in SERVICES
    for volume in service.get("volumes", ()):
        source = volume.partition(":")[0]
        found = (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
        assert found, f"{name} mounts {source}"


@pytest.mark.parametrize("name", SERVICES)
def test_every_setting_of_ours_is_one_and_no_secret_stands_in_the_file(name: str) -> None:
    environment: dict[str, str] = SERVICES[name].get("environment", {})
    ours = {variable for variable in environment if variable.startswith("TULLE_")}
    assert ours <= VARIABLES
    for variable, value in environment.items():
        if re.search("PASSWORD|TOKEN|KEY|DATABASE_URL|REDIS_URL", variable):
            assert str(value).startswith("/run/secrets/"), f"{name}: {variable}"
            assert str(value).removeprefix("/run/secrets/") in SERVICES[name]["secrets"]


@pytest.mark.parametrize("name", [name for name in SERVICES if SERVICES[name]["image"] == "tulle"])
def test_our_containers_may_do_as_little_as_they_need(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"], service["security_opt"]) == (
        True,
        ["ALL"],
        ["no-new-privileges:true"],
    )


def test_images_are_pinned() -> None:
    images = {service["image"] for service in SERVICES.values()} - {"tulle"}
    assert all(re.fullmatch(r"[a-z]+:\d+\.\d+\.?\d*-bookworm", image) for image in images), images
    (image,) = re.findall("^ARG PYTHON=(.*)$", (ROOT / "deploy/Dockerfile").read_text(), re.M)
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-bookworm", image)


def test_ports_are_open_on_this_machine_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in ports), ports


def test_the_script_makes_all_secrets_once(tmp_path: Path) -> None:
    shutil.copy(ROOT / "deploy/compose/secrets.sh", tmp_path)
    subprocess.run([tmp_path / "secrets.sh"], check=True, capture_output=True)
    made = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(COMPOSE["secrets"])
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    by_name = {setting.name: setting for setting in SETTINGS}
    for name, setting in {
        "secret_key": "secret_key",
        "management_token": "acl_initial_management_token",
        "database_url": "database_url",
        "redis_url": "redis_url",
    }.items():
        by_name[setting].parse(made[name].strip())
    subprocess.run([tmp_path / "secrets.sh"], check=True, capture_output=True)
    assert made == {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
