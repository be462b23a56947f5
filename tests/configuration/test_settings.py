import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from meshcore.configuration import database

ROOT = Path(__file__).parents[2]


def test_importing_the_settings_makes_no_file_and_prints_nothing(tmp_path: Path) -> None:
    script = "import meshcore.settings, django; django.setup()"
    environ = {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "meshcore.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environ, capture_output=True, check=True
    )
    assert (done.stdout, done.stderr, list(tmp_path.iterdir())) == (b"", b"", [])


def test_django_finds_nothing_to_warn_of_where_browsers_come_by_tls(tmp_path: Path) -> None:
    environ = {"TULLE_DATA_DIR": str(tmp_path), "TULLE_EXTERNAL_URL": "https://mesh.example"}
    command = (sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    checked = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


UNSAID = {**database.CONNECTING, "options": database.FREEING_LOCKS}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (
            "postgresql://tu%20lle:p%40ss@db:5433/mesh?sslmode=require",
            {
                "NAME": "mesh",
                "USER": "tu lle",
                "PASSWORD": "p@ss",
                "HOST": "db",
                "PORT": "5433",
                "OPTIONS": {**UNSAID, "sslmode": "require"},
            },
        ),
        (
            "postgresql://postgres:@/mesh?host=/run/postgresql",
            {
                "NAME": "mesh",
                "USER": "postgres",
                "PASSWORD": "",
                "HOST": "/run/postgresql",
                "PORT": "",
                "OPTIONS": UNSAID,
            },
        ),
        (
            "postgresql://db/mesh?connect_timeout=9&options=-c%20search_path%3Dtulle",
            {
                "NAME": "mesh",
                "USER": "",
                "PASSWORD": "",
                "HOST": "db",
                "PORT": "",
                "OPTIONS": {
                    **UNSAID,
                    "connect_timeout": "9",
                    "options": "-c search_path=tulle",
                },
            },
        ),
    ],
)
def test_postgresql_url_becomes_djangos_entry(url: str, place: dict[str, object]) -> None:
    assert database.entry(url) == {"ENGINE": "django.db.backends.postgresql", **place}


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////srv/my%20tulle/tulle.db", Path("/srv/my tulle/tulle.db")),
        ("sqlite:///kept/tulle.db", Path.cwd() / "kept/tulle.db"),
    ],
)
def test_sqlite_url_is_a_path(url: str, file: Path) -> None:
    assert database.entry(url)["NAME"] == str(file)


@pytest.mark.django_db(transaction=True)
def test_sqlite_acknowledges_only_what_is_on_the_disk() -> None:
    with connection.cursor() as cursor:
        for pragma, value in {
            "journal_mode": "wal",
            "synchronous": 2,
            "busy_timeout": 20000,
        }.items():
            assert cursor.execute(f"PRAGMA {pragma}").fetchone() == (value,)


@pytest.mark.parametrize(
    ("url", "problems"),
    [("https://mesh.example.com", []), ("", ["security.W004", "security.W008", "security.W016"])],
    ids=["behind TLS", "on this machine"],
)
def test_django_finds_nothing_wrong_with_the_deployment(
    tmp_path: Path, url: str, problems: list[str]
) -> None:
    environ = {"TULLE_DATA_DIR": str(tmp_path), "TULLE_EXTERNAL_URL": url, "PATH": ""}
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.findall(r"\((security\.\w+)\)", checked.stderr) == problems
