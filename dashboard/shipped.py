"""Where the files beside the code are: a checkout has them at its root, a wheel in here."""

from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
WHEEL = Path(__file__).parent / "shipped"  # pyproject.toml puts them there


def folder(name: str) -> Path:
    found = WHEEL / name
    return found if found.is_dir() else CHECKOUT / name
