"""What is installed from a wheel, without a checkout beside it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dashboard import assets

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not assets.bundled():
        pytest.skip("the scripts are not bundled: make assets")
    folder = tmp_path_factory.mktemp("wheel")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def asked(installed: Path, folder: Path, question: str) -> str:
    """What a Python says that finds our packages there, and the others where they are."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TULLE_")}
    here = clean | {"PYTHONPATH": str(installed), "TULLE_DATA_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", question],
        env=here,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_pages_scripts_and_the_demo_are_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    question = """
import django
from meshcore import settings
django.setup()
from django.template.loader import get_template
from dashboard import assets
from meshcore.cli.dev import demo
names = [service.name for service in demo.services(offset=0)]
print(get_template("dashboard/overview.html").origin.name, bool(assets.bundled()), *names)
"""
    folder = installed / "dashboard/shipped/templates/dashboard/overview.html"
    assert asked(installed, tmp_path, question) == (
        f"{folder} True postgres product-api public-api frontend"
    )
