"""How this browser wants its pages, known before the first paint: cookies that its script sets."""

from collections.abc import Mapping

CHOICES = {
    "theme": ("light", "dark"),  # else the system's
    "density": ("compact",),
    "rail": ("narrow",),
}


def chosen(cookies: Mapping[str, str]) -> dict[str, str]:
    """As attributes of <html>, without what is not one of ours."""
    wanted = {name: cookies.get(f"tulle_{name}", "") for name in CHOICES}
    return {name: value for name, value in wanted.items() if value in CHOICES[name]}
