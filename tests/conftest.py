"""Gives the tests a configuration of their own, before Django's settings read the environment.

That is why the settings module is named here and not in pyproject.toml: named there, pytest-django
loads it before it loads this file.
"""

import os
import shutil
import tempfile

import django
import pytest
from hypothesis import HealthCheck, settings

for name in [name for name in os.environ if name.startswith("TULLE_")]:
    if not name.startswith("TULLE_TEST_"):
        del os.environ[name]

DATA_DIR = tempfile.mkdtemp(prefix="tulle-test-")
os.environ["TULLE_DATA_DIR"] = DATA_DIR
os.environ["TULLE_NODE_NAME"] = "node-1"
os.environ["DJANGO_SETTINGS_MODULE"] = "meshcore.settings"
django.setup()

# How fast the machine is decides no test.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(DATA_DIR, ignore_errors=True)
