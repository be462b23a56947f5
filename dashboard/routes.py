"""Every page there is: where it is, and what renders it."""

from collections.abc import Mapping
from urllib.parse import quote, unquote

import msgspec

from dashboard.access.linked_pages import role_edit, role_new, token_edit, token_new
from dashboard.access.method import method, method_new
from dashboard.access.page import access
from dashboard.access.policy import policy, policy_new
from dashboard.access.role import role
from dashboard.access.rule import rule, rule_new
from dashboard.access.template import template
from dashboard.access.token import token
from dashboard.certificates import certificates
from dashboard.changes import changes
from dashboard.config_entries.listed import config
from dashboard.config_entries.page import edit as edit_config
from dashboard.control_plane import control_plane
from dashboard.graph.page import graph
from dashboard.graph.panel import panel as graph_panel
from dashboard.instance import instance
from dashboard.intentions import importing, matrix_page
from dashboard.intentions.beginning import new
from dashboard.intentions.editor import edit
from dashboard.intentions.explaining import explained, summary
from dashboard.intentions.listed import intentions
from dashboard.node import node
from dashboard.nodes import nodes
from dashboard.overview import overview
from dashboard.pages import PageFunction
from dashboard.service import service
from dashboard.services import services
from meshcore.acl.rules import Access, RuleKind
from meshcore.store.callers import Caller

ROOT = "/ui/"


class Route(msgspec.Struct, frozen=True):
    """`path` is relative to the root; `<word>` in it is one argument.

    A personal page shows something about the token itself, so it is shared with no other one; all
    others are not told which token it is. Where the query is the browser's own affair, such as what
    of a picture is in view, the page is not given it.
    """

    path: str
    name: str
    page: PageFunction
    rail: str = ""
    is_personal: bool = False
    ignores_query: bool = False

    @property
    def parts(self) -> list[str]:
        return self.path.split("/")


# What is named exactly stands before what an argument would match too.
ROUTES = (
    Route("", "overview", overview, "overview"),
    Route("graph", "graph", graph, "graph", ignores_query=True),
    Route("graph/panel", "graph-panel", graph_panel, "graph"),
    Route("services", "services", services, "services"),
    Route("services/<name>", "service", service, "services"),
    Route("services/<name>/<id>", "instance", instance, "services"),
    Route("config", "config", config, "config"),
    Route("config/edit", "config-edit", edit_config, "config"),
    Route("nodes", "nodes", nodes, "nodes"),
    Route("nodes/<name>", "node", node, "nodes"),
    Route("intentions", "intentions", intentions, "intentions"),
    Route("intentions/new", "intention-new", new, "intentions"),
    Route("intentions/matrix", "intention-matrix", matrix_page.page, "intentions"),
    Route("intentions/explain", "intention-explain", explained, "intentions"),
    Route("intentions/explain/answer", "intention-answer", summary, "intentions"),
    Route("intentions/import", "intention-import", importing.page, "intentions"),
    Route("intentions/edit", "intention-editor", edit, "intentions"),
    Route("certificates", "certificates", certificates, "certificates"),
    Route("changes", "changes", changes, "changes"),
    Route("control-plane", "control-plane", control_plane, "control-plane"),
    Route("access", "access", access, "access", is_personal=True),
    Route("access/tokens/new", "token-new", token_new, "access"),
    Route("access/tokens/<accessor>", "token", token, "access", is_personal=True),
    Route("access/tokens/<accessor>/edit", "token-edit", token_edit, "access"),
    Route("access/new-auth-method", "auth-method-new", method_new, "access"),
    Route("access/auth-methods/<name>", "auth-method", method, "access"),
    Route("access/binding-rules/new", "binding-rule-new", rule_new, "access"),
    Route("access/binding-rules/<id>", "binding-rule", rule, "access"),
    Route("access/templated-policies/<name>", "templated-policy", template, "access"),
    Route("access/policies/new", "policy-new", policy_new, "access"),
    Route("access/policies/<id>", "policy", policy, "access"),
    Route("access/roles/new", "role-new", role_new, "access"),
    Route("access/roles/<id>", "role", role, "access"),
    Route("access/roles/<id>/edit", "role-edit", role_edit, "access"),
)
BY_NAME = {route.name: route for route in ROUTES}


class RailItem(msgspec.Struct, frozen=True):
    """`letter` follows a g on the keyboard; `needs` is what a token must be able to read."""

    name: str
    label: str
    letter: str
    needs: RuleKind | None = None

    def is_for(self, caller: Caller) -> bool:
        return self.needs is None or caller.may(self.needs, Access.READ)


RAIL = tuple(
    item
    for item in (
        RailItem("overview", "Overview", "o"),
        RailItem("graph", "Graph", "g"),
        RailItem("services", "Services", "s"),
        RailItem("nodes", "Nodes", "n"),
        RailItem("intentions", "Intentions", "i"),
        RailItem("certificates", "Certificates", "c"),
        RailItem("config", "Config entries", "e"),
        RailItem("access", "Access", "a", needs=RuleKind.ACL),
        RailItem("changes", "Changes", "h"),
        RailItem("control-plane", "Control plane", "p"),
    )
    if item.name in BY_NAME
)


class Found(msgspec.Struct, frozen=True):
    route: Route
    arguments: Mapping[str, str]


def resolve(raw_path: str) -> Found | None:
    """Find the page of a path as it stands in the URL: a name in it may hold an encoded slash."""
    if not raw_path.startswith(ROOT):
        return None
    parts = raw_path.removeprefix(ROOT).rstrip("/").split("/")
    for route in ROUTES:
        arguments = _matched(route.parts, parts)
        if arguments is not None:
            return Found(route, arguments)
    return None


def _matched(wanted: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(wanted) != len(parts):
        return None
    arguments = {}
    for want, part in zip(wanted, parts, strict=True):
        if want.startswith("<"):
            arguments[want.strip("<>")] = unquote(part)
        elif want != part:
            return None
    return arguments


def path_of(name: str, /, **arguments: str) -> str:
    parts = BY_NAME[name].parts
    filled = (quote(arguments[p.strip("<>")], safe="") if p.startswith("<") else p for p in parts)
    return ROOT + "/".join(filled)
