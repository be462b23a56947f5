"""/v1/acl/templated-policies: policies that are there from the start, with a name to put in."""

import msgspec

from meshcore.acl.identities import TEMPLATES, Template, rules_of_template
from meshcore.acl.types import Policy
from meshcore.consul_api.acl_answers import asked, named, shown
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import Content
from meshcore.consul_api.routes import Route, Routes
from meshcore.lib.records import Record
from meshcore.wire.acl import policy_out, read, synthetic_policy
from meshcore.wire.acl_links import VariablesIn
from meshcore.wire.errors import Refusal
from meshcore.wire.names import Out

SCHEMA = msgspec.json.encode(
    {
        "type": "object",
        "properties": {"name": {"type": "string", "minLength": 1}},
        "required": ["name"],
    }
).decode()


class TemplateOut(Out, frozen=True, kw_only=True):
    template_name: str
    schema: str
    template: str
    description: str


async def listed(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    rows = {name: _out(template) for name, template in TEMPLATES.items()}
    return shown(request, rows, mesh=mesh)


async def by_name(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    return shown(request, _out(_template(request)), mesh=mesh)


async def preview(context: Context, request: Request) -> Content:
    mesh = await asked(context, request)
    template = _template(request)
    given = read(request.body or b"{}", VariablesIn, what="Templated policy variables")
    rules = rules_of_template(template.name, given.name)
    policy: Policy = synthetic_policy(rules, f'templated policy "{template.name}"')
    return shown(request, policy_out(Record(policy, 0, 0)), mesh=mesh)


def _template(request: Request) -> Template:
    template = TEMPLATES.get(named(request, "templated policy Name"))
    if template is None:
        raise Refusal(400, f"Invalid templated policy Name: {request.suffix}")
    return template


def _out(template: Template) -> TemplateOut:
    return TemplateOut(
        template_name=template.name,
        schema=SCHEMA if template.require else "",
        template=template.text,
        description=template.description,
    )


ROUTES: Routes = {
    "/v1/acl/templated-policies": Route(calls={"GET": listed}),
    "/v1/acl/templated-policy/name/": Route(calls={"GET": by_name}),
    "/v1/acl/templated-policy/preview/": Route(calls={"POST": preview}),
}
