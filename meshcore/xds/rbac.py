"""ECDS: who may call, as Envoy's RBAC filters want to be told (see intentions/matcher.py)."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

from envoy.config.core.v3 import extension_pb2
from envoy.config.rbac.v3 import rbac_pb2
from envoy.extensions.filters.http.rbac.v3 import rbac_pb2 as http_rbac_pb2
from envoy.extensions.filters.network.rbac.v3 import rbac_pb2 as network_rbac_pb2
from envoy.extensions.matching.common_inputs.ssl.v3 import ssl_inputs_pb2
from envoy.type.matcher.v3 import http_inputs_pb2
from google.protobuf.message import Message
from xds.core.v3 import extension_pb2 as xds_extension_pb2
from xds.type.matcher.v3 import matcher_pb2, regex_pb2, string_pb2

from meshcore.intentions.leaves import Leaf
from meshcore.intentions.matcher import BySource, Decision, InOrder, Tree
from meshcore.intentions.types import HeaderMatch, RequestMatch
from meshcore.proxycfg.types import Authorization, Scope
from meshcore.xds import names
from meshcore.xds.resources import Resource, packed, resource

Matcher: TypeAlias = matcher_pb2.Matcher
OnMatch: TypeAlias = matcher_pb2.Matcher.OnMatch
Predicate: TypeAlias = matcher_pb2.Matcher.MatcherList.Predicate
NETWORK_STAT_PREFIX = "connect_authz"
ACTIONS = {True: rbac_pb2.RBAC.ALLOW, False: rbac_pb2.RBAC.DENY}


@lru_cache(maxsize=4096)
def intentions(authorization: Authorization, scope: Scope) -> Resource:
    """The one resource that the filter of this service's public listener asks for."""
    matcher = _tree(authorization.tree, scope)
    if authorization.is_http:
        return _extension(names.HTTP_INTENTIONS, http_rbac_pb2.RBAC(matcher=matcher))
    network = network_rbac_pb2.RBAC(matcher=matcher, stat_prefix=NETWORK_STAT_PREFIX)
    return _extension(names.NETWORK_INTENTIONS, network)


def _extension(name: str, config: Message) -> Resource:
    return resource(
        name, extension_pb2.TypedExtensionConfig(name=name, typed_config=packed(config))
    )


def _tree(tree: Tree, scope: Scope) -> Matcher:
    match tree:
        case Leaf():
            return Matcher(on_no_match=_leaf(tree))
        case InOrder():
            return _in_order(tree)
        case BySource():
            by_identity = {
                names.spiffe_id(source, scope): _decision(decision)
                for source, decision in tree.sources.items()
            }
            return Matcher(
                matcher_tree=Matcher.MatcherTree(
                    input=_input("identity", ssl_inputs_pb2.UriSanInput()),
                    exact_match_map=Matcher.MatcherTree.MatchMap(map=by_identity),
                ),
                on_no_match=_decision(tree.otherwise),
            )


def _decision(decision: Decision) -> OnMatch:
    if isinstance(decision, Leaf):
        return _leaf(decision)
    return OnMatch(matcher=_in_order(decision))


def _leaf(leaf: Leaf) -> OnMatch:
    action = rbac_pb2.Action(name=leaf.name, action=ACTIONS[leaf.allow])
    return OnMatch(
        action=xds_extension_pb2.TypedExtensionConfig(name="action", typed_config=packed(action))
    )


def _in_order(permissions: InOrder) -> Matcher:
    matchers = [
        Matcher.MatcherList.FieldMatcher(
            predicate=_all(_conditions(branch.when)), on_match=_leaf(branch.then)
        )
        for branch in permissions.branches
    ]
    return Matcher(
        matcher_list=Matcher.MatcherList(matchers=matchers),
        on_no_match=_leaf(permissions.otherwise),
    )


def _conditions(match: RequestMatch) -> Iterator[Predicate]:
    if match.path_exact is not None:
        yield _header(names.PATH_HEADER, string_pb2.StringMatcher(exact=match.path_exact))
    if match.path_prefix is not None:
        yield _header(names.PATH_HEADER, string_pb2.StringMatcher(prefix=match.path_prefix))
    if match.path_regex is not None:
        yield _header(names.PATH_HEADER, _regex(match.path_regex))
    if match.methods:
        yield _any(
            _header(":method", string_pb2.StringMatcher(exact=method)) for method in match.methods
        )
    for header in match.headers:
        yield from _header_conditions(header)


def _header_conditions(match: HeaderMatch) -> Iterator[Predicate]:
    """An inverted value wants the header to be there, an inverted presence wants it away."""
    is_there = _header(match.name, _regex("(?s).*"))
    if match.present:
        yield Predicate(not_matcher=is_there) if match.is_inverted else is_there
        return
    has_value = _header(match.name, _value(match))
    if not match.is_inverted:
        yield has_value
        return
    yield is_there
    yield Predicate(not_matcher=has_value)


def _value(match: HeaderMatch) -> string_pb2.StringMatcher:
    if match.regex is not None:
        return _regex(match.regex)
    forms = {
        "exact": match.exact,
        "prefix": match.prefix,
        "suffix": match.suffix,
        "contains": match.contains,
    }
    form, text = next((form, text) for form, text in forms.items() if text is not None)
    if not text and form != "exact":
        return _regex("(?s).*")  # every value begins and ends with nothing; Envoy refuses to say so
    return string_pb2.StringMatcher(**{form: text}, ignore_case=match.ignore_case)


def _regex(pattern: str) -> string_pb2.StringMatcher:
    engine = regex_pb2.RegexMatcher.GoogleRE2()
    return string_pb2.StringMatcher(
        safe_regex=regex_pb2.RegexMatcher(google_re2=engine, regex=pattern)
    )


def _header(name: str, value: string_pb2.StringMatcher) -> Predicate:
    asked = http_inputs_pb2.HttpRequestHeaderMatchInput(header_name=name.lower())
    return Predicate(
        single_predicate=Predicate.SinglePredicate(input=_input(name, asked), value_match=value)
    )


def _all(predicates: Iterable[Predicate]) -> Predicate:
    several = list(predicates)
    if len(several) == 1:
        return several[0]
    return Predicate(and_matcher=Predicate.PredicateList(predicate=several))


def _any(predicates: Iterable[Predicate]) -> Predicate:
    several = list(predicates)
    if len(several) == 1:
        return several[0]
    return Predicate(or_matcher=Predicate.PredicateList(predicate=several))


def _input(name: str, asked: Message) -> xds_extension_pb2.TypedExtensionConfig:
    return xds_extension_pb2.TypedExtensionConfig(name=name, typed_config=packed(asked))
