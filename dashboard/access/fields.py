"""What the fields of the access section's forms have in common."""

from dashboard.params import Params
from meshcore.lib.errors import InvalidError


def index_of(form: Params) -> int:
    """At which the page was rendered that the form is from; 0 for what is new."""
    index = form.get("index") or "0"
    if not index.isdecimal():
        raise InvalidError(f'"{index}" is no index')
    return int(index)
