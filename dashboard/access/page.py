"""The access page: a tab for each thing that tokens and their rights are made of."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from dashboard.access import paths
from dashboard.access.logins import auth_methods, binding_rules
from dashboard.access.policies import policies
from dashboard.access.roles import roles
from dashboard.access.templates import templates
from dashboard.access.tokens import tokens
from dashboard.pages import Page, PageRequest
from dashboard.tables import Listing
from meshcore.acl.identities import TEMPLATES
from meshcore.acl.rules import Access, RuleKind
from meshcore.acl.view import Acl
from meshcore.lib.errors import NotFoundError
from meshcore.mesh import watch
from meshcore.mesh.types import WatchKey

WATCHED: tuple[WatchKey, ...] = (watch.TOKENS, watch.GRANTS, watch.LOGINS)
EXPIRY_SEEN_WITHIN = timedelta(seconds=30)  # on a page that is open


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    label: str
    one: str  # as a button that makes one says it; empty where none can be made
    lead: str
    rows: Callable[[PageRequest], Listing[Any]]
    count: Callable[[Acl], int]


TABS = (
    Tab(
        name="tokens",
        label="Tokens",
        one="token",
        lead="Whoever holds a token's secret may do what the token is linked to.",
        rows=tokens,
        count=lambda acl: len(acl.tokens),
    ),
    Tab(
        name="policies",
        label="Policies",
        one="policy",
        lead="Rules that say what may be read and written; tokens and roles are linked to them.",
        rows=policies,
        count=lambda acl: len(acl.policies),
    ),
    Tab(
        name="roles",
        label="Roles",
        one="role",
        lead="Links that several tokens share.",
        rows=roles,
        count=lambda acl: len(acl.roles),
    ),
    Tab(
        name="auth-methods",
        label="Auth methods",
        one="auth method",
        lead="Whose proof of identity a login accepts, instead of a token.",
        rows=auth_methods,
        count=lambda acl: len(acl.auth_methods),
    ),
    Tab(
        name="binding-rules",
        label="Binding rules",
        one="binding rule",
        lead="What a login by an auth method gives: all rules count that its claims pass.",
        rows=binding_rules,
        count=lambda acl: len(acl.binding_rules),
    ),
    Tab(
        name="templated-policies",
        label="Templated policies",
        one="",
        lead="Rules that are there from the start, with a name to put in.",
        rows=templates,
        count=lambda _acl: len(TEMPLATES),
    ),
)


class TabShown(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    path: str
    count: int
    is_current: bool


def access(request: PageRequest) -> Page:
    require_read(request)
    name = request.params.get("tab", TABS[0].name)
    tab = next((each for each in TABS if each.name == name), None)
    if tab is None:
        raise NotFoundError(f'the access page has no tab "{name}"')
    listed = tab.rows(request)
    acl = request.mesh.acl
    return Page(
        template="dashboard/access/list.html",
        title="Access",
        context={
            "tab": tab,
            "tabs": [
                TabShown(
                    label=each.label,
                    path=paths.tab(each.name),
                    count=each.count(acl),
                    is_current=each is tab,
                )
                for each in TABS
            ],
            "rows_template": f"dashboard/access/rows/{tab.name}.html",
            "new_path": paths.new(tab.name) if tab.one and may_write(request) else "",
            "listing": listed,
            "is_off": not request.facts.acl_enabled,
        },
        watch_keys=WATCHED,
        refresh=refresh(acl) if tab.name == "tokens" else None,
        listing=listed,
    )


def require_read(request: PageRequest) -> None:
    request.caller.require(RuleKind.ACL, Access.READ)


def require_write(request: PageRequest) -> None:
    request.caller.require(RuleKind.ACL, Access.WRITE)


def may_write(request: PageRequest) -> bool:
    """Where ACLs are off there is nobody to be let in, and nothing to be let in to."""
    return request.facts.acl_enabled and request.caller.may(RuleKind.ACL, Access.WRITE)


def refresh(acl: Acl) -> timedelta | None:
    """A token's time is over without a change in the log."""
    expire = any(record.value.expires_at for record in acl.tokens.values())
    return EXPIRY_SEEN_WITHIN if expire else None
