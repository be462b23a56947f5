"""Where the pages of the access section are; routes.py imports the pages, so they cannot ask it."""

from urllib.parse import quote, urlencode

ROOT = "/ui/access"


def tab(name: str, **params: str) -> str:
    return f"{ROOT}?{urlencode({'tab': name} | params)}"


def of(tab_name: str, key: str) -> str:
    """The page of one of a tab's rows."""
    return f"{ROOT}/{tab_name}/{quote(key, safe='')}"


def new(tab_name: str) -> str:
    """Where one is made; an auth method may itself be called `new`."""
    return f"{ROOT}/new-auth-method" if tab_name == "auth-methods" else f"{ROOT}/{tab_name}/new"
