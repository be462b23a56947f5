"""Random intentions, all of them valid."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from meshcore.intentions.precedence import ordered
from meshcore.intentions.types import (
    Action,
    HeaderMatch,
    Intention,
    Permission,
    RequestMatch,
    ServiceIntentions,
)
from meshcore.intentions.validation import METHODS

# How long it takes says how busy the machine is, and nothing about what is tested.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ALLOW_OR_DENY: tuple[Action, ...] = ("allow", "deny")
ACTIONS = st.sampled_from(ALLOW_OR_DENY)
NAMES = st.sampled_from(["web", "api", "db", "Web_1", "1.5", "true", "null", "~", "*"])
# What a text format may trip over, and no surrogates, which no JSON brings in.
WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["yes", "0x1f", "1e3", "2024-01-01", "a: b", "- a", "# a", "${a}", "<b>", '"', "\\", "a\nb"]
)
VALUES = WORDS.filter(bool)
PATHS = st.sampled_from(["/", "/v1", "/v1/orders", "/a.b-c~d", "/%20", "/%22a"])
REGEXES = st.sampled_from(["/v1/.*", "[a-z]+", r"\d+", "(?i)a|b"])
KEYS = st.sampled_from(["team", "external-source", "consul.hashicorp.com/source", "1"])
METAS = st.dictionaries(KEYS, WORDS, max_size=2) | st.just({"external-source": "kubernetes"})
HEADER_NAMES = st.sampled_from(["x-role", "X-Debug", ":path", ":authority", "x_1"])


def header_matches() -> st.SearchStrategy[HeaderMatch]:
    return st.one_of(
        st.builds(
            HeaderMatch,
            name=HEADER_NAMES,
            present=st.sampled_from([True]),
            is_inverted=st.booleans(),
        ),
        st.builds(HeaderMatch, name=HEADER_NAMES, regex=REGEXES, is_inverted=st.booleans()),
        *(with_value(form) for form in ("exact", "prefix", "suffix", "contains")),
    )


def with_value(form: str) -> st.SearchStrategy[HeaderMatch]:
    rest = {"ignore_case": st.booleans(), "is_inverted": st.booleans()}
    return st.builds(HeaderMatch, name=HEADER_NAMES, **{form: VALUES}, **rest)


METHOD_LISTS = st.lists(st.sampled_from(sorted(METHODS)), unique=True, max_size=3).map(tuple)
HEADER_LISTS = st.lists(header_matches(), max_size=2).map(tuple)


@st.composite
def request_matches(draw: st.DrawFn) -> RequestMatch:
    form = draw(st.sampled_from(["", "path_exact", "path_prefix", "path_regex"]))
    path = {form: draw(REGEXES if form == "path_regex" else PATHS)} if form else {}
    return RequestMatch(**path, methods=draw(METHOD_LISTS), headers=draw(HEADER_LISTS))


PERMISSIONS = st.builds(
    Permission, action=ACTIONS, http=request_matches().filter(lambda match: match != RequestMatch())
)


@st.composite
def service_intentions(draw: st.DrawFn) -> ServiceIntentions:
    destination = draw(NAMES)
    sources = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    found = [draw(intentions(source, destination)) for source in sources]
    return ServiceIntentions(destination=destination, intentions=ordered(found), meta=draw(METAS))


@st.composite
def intentions(draw: st.DrawFn, source: str, destination: str) -> Intention:
    most = 0 if destination == "*" else 2
    permissions = draw(st.lists(PERMISSIONS, max_size=most).map(tuple))
    return Intention(
        source=source,
        destination=destination,
        action=None if permissions else draw(ACTIONS),
        permissions=permissions,
        description=draw(WORDS),
        source_peer=draw(st.sampled_from(["", "east"])),
        legacy_id=draw(st.sampled_from(["", "e9ebc19f"])),
    )
