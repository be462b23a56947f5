from pathlib import Path

from meshcore.configuration import listing
from meshcore.configuration.table import SETTINGS
from meshcore.configuration.types import Configuration

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_page_of_settings_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == listing.page()


def test_table_and_configuration_name_the_same_settings() -> None:
    assert {setting.name for setting in SETTINGS} == set(Configuration.__struct_fields__)
