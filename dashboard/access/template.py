"""The page of one templated policy: its rules, with a name put into them."""

from dashboard.access import rights as shown_rights
from dashboard.access.page import WATCHED, require_read
from dashboard.access.uses import of_templates, uses
from dashboard.pages import Page, PageRequest
from meshcore.acl.identities import rules_of_template, template_named
from meshcore.acl.rights import Given, Source, rights
from meshcore.acl.rules import Rules, rendered
from meshcore.lib.errors import InvalidError


def template(request: PageRequest) -> Page:
    require_read(request)
    found = template_named(request.arguments["name"])
    name, problem = request.params.get("name").strip(), ""
    rules: Rules = ()
    is_filled = bool(name) or found.require is None
    if is_filled:
        try:
            rules = rules_of_template(found.name, name)
        except InvalidError as error:
            problem = str(error)
    source = Source(kind="templated policy", name=found.name)
    return Page(
        template="dashboard/access/template.html",
        title=found.name,
        context={
            "template": found,
            "takes_name": found.require is not None,
            "name": name,
            "problem": problem,
            "text": rendered(rules) if rules else found.text,
            "is_filled": bool(rules),
            "users": uses(request.mesh.acl, of_templates, found.name),
            "kept": [("name", name)] if name else [],
            **shown_rights.context(
                rights([Given(source, rules)]),
                request.params,
                default_allow=request.facts.acl_default_allow,
            ),
        },
        watch_keys=WATCHED,
    )
