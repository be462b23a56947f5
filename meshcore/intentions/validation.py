"""Which intentions may be written: Consul's rules, and some that keep a rule from being a trap."""

import re
from collections.abc import Iterator

from meshcore.config_entries.problems import DocumentError, Problem, require_none
from meshcore.config_entries.validation import meta_problems
from meshcore.intentions.paths import normalized
from meshcore.intentions.regexes import compiled
from meshcore.intentions.types import (
    WILDCARD,
    HeaderMatch,
    Intention,
    Permission,
    RequestMatch,
    ServiceIntentions,
)
from meshcore.lib.errors import InvalidError

ACTIONS = ("allow", "deny")
METHODS = frozenset(
    ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE")
)
HEADER_NAME = re.compile(r":?[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# A name becomes part of a SPIFFE ID, which has no escapes.
SERVICE_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]{1,255}")
MOST_PERMISSIONS = 512
NO_JWT = "is not supported: nothing would ask for the token"


def require_valid(entry: ServiceIntentions) -> None:
    require_none(problems(entry))


def require_http(entry: ServiceIntentions, *, is_http: bool) -> None:
    """Permissions need a destination whose requests Envoy can read."""
    if is_http:
        return
    for index, intention in enumerate(entry.intentions):
        if intention.permissions:
            raise DocumentError(
                [
                    Problem(
                        ("Sources", index, "Permissions"),
                        f'need a destination that speaks HTTP, and "{entry.destination}" is tcp: '
                        "set its protocol in service-defaults first",
                    )
                ]
            )


def problems(entry: ServiceIntentions) -> Iterator[Problem]:
    """Yield what is wrong, by the paths of a service-intentions document."""
    yield from name_problems(entry.destination, at="Name")
    if entry.jwt:
        yield Problem(("JWT",), NO_JWT)
    if not entry.intentions:
        yield Problem(("Sources",), "at least one source is required")
    seen = set()
    for index, intention in enumerate(entry.intentions):
        key = (intention.source, intention.source_peer)
        if key in seen:
            twice = f'stands twice: "{intention.source}"'
            yield Problem(("Sources", index, "Name"), twice)
        seen.add(key)
        for problem in intention_problems(intention):
            yield problem.under("Sources", index)
    yield from meta_problems(entry.meta)


def name_problems(name: str, *, at: str) -> Iterator[Problem]:
    if not name:
        yield Problem((at,), "is required")
    elif WILDCARD in name and name != WILDCARD:
        yield Problem((at,), f'a wildcard stands for the whole name, not for a part: "{name}"')
    elif name != WILDCARD and not SERVICE_NAME.fullmatch(name):
        yield Problem((at,), f'"{name}" is no name that a service in the mesh can have')


def intention_problems(intention: Intention) -> Iterator[Problem]:
    yield from name_problems(intention.source, at="Name")
    if intention.source_type != "consul":
        yield Problem(("Type",), f'must be consul, not "{intention.source_type}"')
    yield from action_problems(intention)
    if intention.permissions and intention.destination == WILDCARD:
        yield Problem(("Permissions",), "cannot be used toward the wildcard destination")
    if len(intention.permissions) > MOST_PERMISSIONS:
        yield Problem(("Permissions",), f"at most {MOST_PERMISSIONS}")
    for index, permission in enumerate(intention.permissions):
        for problem in permission_problems(permission):
            yield problem.under("Permissions", index)
    for problem in meta_problems(intention.legacy_meta):
        yield Problem(("LegacyMeta", *problem.path[1:]), problem.sentence)


def action_problems(intention: Intention) -> Iterator[Problem]:
    if intention.permissions:
        if intention.action is not None:
            yield Problem(("Action",), "must be omitted when there are permissions")
    elif intention.action not in ACTIONS:
        said = f', not "{intention.action}"' if intention.action else ", or there are permissions"
        yield Problem(("Action",), f"must be allow or deny{said}")


def permission_problems(permission: Permission) -> Iterator[Problem]:
    if permission.action not in ACTIONS:
        yield Problem(("Action",), f'must be allow or deny, not "{permission.action}"')
    if permission.jwt:
        yield Problem(("JWT",), NO_JWT)
    if permission.http in (None, RequestMatch()):
        yield Problem(("HTTP",), "is required, with a path, a header or a method")
        return
    assert permission.http is not None
    for problem in request_problems(permission.http):
        yield problem.under("HTTP")


def request_problems(match: RequestMatch) -> Iterator[Problem]:
    paths = [p for p in (match.path_exact, match.path_prefix, match.path_regex) if p is not None]
    if len(paths) > 1:
        yield Problem((), "only one of PathExact, PathPrefix and PathRegex may be set")
    if match.path_exact is not None:
        yield from path_problems(match.path_exact, more="", at="PathExact")
    if match.path_prefix is not None:
        yield from path_problems(match.path_prefix, more="x", at="PathPrefix")
    if match.path_regex is not None:
        yield from regex_problems(match.path_regex, at="PathRegex")
    for index, header in enumerate(match.headers):
        for problem in header_problems(header):
            yield problem.under("Header", index)
    for index, method in enumerate(match.methods):
        if method not in METHODS:
            yield Problem(("Methods", index), f'"{method}" is no HTTP method')
        if method in match.methods[:index]:
            yield Problem(("Methods", index), f'stands twice: "{method}"')


def path_problems(path: str, *, more: str, at: str) -> Iterator[Problem]:
    """Refuse a path that no request can have: a deny with it would deny nothing, in silence.

    `more` is what may follow: "/a/." is the beginning of "/a/.well-known", and no whole path.
    """
    if not path.startswith("/"):
        yield Problem((at,), f'must begin with /: "{path}"')
        return
    if "?" in path or "#" in path:
        yield Problem((at,), "is compared without the query string: match it by a header :path")
        return
    try:
        seen = normalized(path + more)
    except InvalidError as refusal:
        yield Problem((at,), f"would meet no request: {refusal}")
        return
    if seen != path + more:
        seen = seen.removesuffix(more)
        yield Problem((at,), f'would meet no request: Envoy makes it "{seen}" before it compares')


def header_problems(header: HeaderMatch) -> Iterator[Problem]:
    if not HEADER_NAME.fullmatch(header.name):
        sentence = f'"{header.name}" is no header name' if header.name else "is required"
        yield Problem(("Name",), sentence)
    values = (header.exact, header.prefix, header.suffix, header.contains, header.regex)
    forms = sum(value is not None for value in values) + header.present
    if forms != 1:
        yield Problem(
            (),
            "exactly one of Present, Exact, Prefix, Suffix, Contains and Regex must be set, "
            f"not {forms}",
        )
    if header.ignore_case and (header.present or header.regex is not None):
        yield Problem(("IgnoreCase",), "is not for Present and Regex: begin the regex with (?i)")
    if header.regex is not None:
        yield from regex_problems(header.regex, at="Regex")


def regex_problems(pattern: str, *, at: str) -> Iterator[Problem]:
    try:
        compiled(pattern)
    except InvalidError as error:
        yield Problem((at,), str(error))
