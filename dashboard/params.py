"""The query string of a page: what is filtered, sorted and chosen on it."""

from urllib.parse import parse_qsl, urlencode

import msgspec

from meshcore.lib.errors import InvalidError

LONGEST = 8192
MOST = 100


class Params(msgspec.Struct, frozen=True):
    """In the order of the URL; equal ones ask for the same page."""

    pairs: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.pairs if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.pairs if key == name)

    def having(self, **values: str) -> "Params":
        """The same with these replaced; an empty value takes one away."""
        kept = tuple(pair for pair in self.pairs if pair[0] not in values)
        return Params(kept + tuple(pair for pair in values.items() if pair[1]))

    def without(self, *names: str) -> "Params":
        return Params(tuple(pair for pair in self.pairs if pair[0] not in names))

    @property
    def query(self) -> str:
        """As it stands in a link, with its question mark; nothing when there are none."""
        return f"?{urlencode(self.pairs)}" if self.pairs else ""


def parse(query: str) -> Params:
    """Raise InvalidError for more than any page of ours would ask for."""
    if len(query) > LONGEST:
        raise InvalidError(f"the query is longer than {LONGEST} characters")
    try:
        pairs = parse_qsl(query, keep_blank_values=False, max_num_fields=MOST)
    except ValueError:
        raise InvalidError(f"the query has more than {MOST} parameters") from None
    return Params(tuple(pairs))
