from pathlib import Path

from meshcore.configuration import listing
from meshcore.configuration.load import load
from meshcore.configuration.table import SETTINGS
from meshcore.configuration.types import Configuration

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_page_of_settings_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == listing.page()


def test_table_and_configuration_name_the_same_settings() -> None:
    assert {setting.name for setting in SETTINGS} == set(Configuration.__struct_fields__)


def test_settings_in_force_are_readable_and_hide_their_secrets() -> None:
    given = {"TULLE_REDIS_URL": "redis://:password@redis:6379", "TULLE_LEAF_CERT_TTL": "72h"}
    shown = dict(listing.in_force(load(given).configuration))
    assert shown["TULLE_REDIS_URL"] == "***"
    assert shown["TULLE_LEAF_CERT_TTL"] == "72h0m0s"
    assert shown["TULLE_ACL_ENABLED"] == "true"
    assert shown["TULLE_TRUST_DOMAIN"] == "not set"
