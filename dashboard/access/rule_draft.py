"""A binding rule while it is typed: whether it is good, and what a login would get."""

import shlex
from typing import get_args

import msgspec

from dashboard.access.fields import index_of
from dashboard.access.trial import Trial, example, trial
from dashboard.params import Params
from meshcore.acl.identities import TEMPLATES
from meshcore.acl.types import BindingRule, BindType
from meshcore.actions import auth_methods as actions
from meshcore.lib.errors import InvalidError, MeshError
from meshcore.lib.records import Record
from meshcore.mesh.types import Mesh

SAMPLE = "11111111-1111-4111-8111-111111111111"  # stands for the id of what is not made yet
BIND_TYPES: tuple[BindType, ...] = get_args(BindType)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """`index` is at which the rule was read, 0 for one that is new."""

    rule: BindingRule
    index: int = 0
    claims: str = ""

    @property
    def is_unnamed(self) -> bool:
        return not self.rule.bind_name

    @property
    def is_new(self) -> bool:
        return self.rule.id == SAMPLE


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    trial: Trial | None = None
    refusal: str = ""
    is_changed: bool = False
    is_overtaken: bool = False
    command: str = ""

    @property
    def can_save(self) -> bool:
        return self.is_changed and not self.refusal and not self.is_overtaken


def draft_in(form: Params) -> Draft:
    bind_type = next((each for each in BIND_TYPES if each == form.get("bind_type")), None)
    if bind_type is None:
        raise InvalidError(
            f'"{form.get("bind_type")}" is nothing that a rule gives: {", ".join(BIND_TYPES)}'
        )
    return Draft(
        rule=BindingRule(
            id=form.get("key") or SAMPLE,
            auth_method=form.get("method"),
            bind_type=bind_type,
            bind_name=form.get("bind_name").strip(),
            bind_variable=form.get("bind_variable").strip()
            if bind_type == "templated-policy"
            else "",
            selector=form.get("selector").strip(),
            description=form.get("description").strip(),
        ),
        index=index_of(form),
        claims=form.get("claims"),
    )


def preview(mesh: Mesh, draft: Draft) -> Preview:
    rule = draft.rule
    record = mesh.acl.binding_rules.get(rule.id)
    shown = Preview(
        trial=tried(mesh, draft),
        is_overtaken=draft.index != (record.modify_index if record else 0),
        command=command_of(draft, record),
    )
    write = actions.create_rule if draft.is_new else actions.update_rule
    try:
        return msgspec.structs.replace(shown, is_changed=bool(tuple(write(mesh, rule))))
    except MeshError as error:
        return msgspec.structs.replace(shown, refusal=str(error))


def tried(mesh: Mesh, draft: Draft) -> Trial | None:
    """All rules of the method, the draft in the place of what it is to replace."""
    method = mesh.acl.auth_method(draft.rule.auth_method)
    if method is None:
        return None
    others = mesh.acl.rules_of_method(method.name)
    rules = (draft.rule, *(rule for rule in others if rule.id != draft.rule.id))
    return trial(method, rules, draft.claims or example(method), mesh.acl, this=draft.rule.id)


def command_of(draft: Draft, record: Record[BindingRule] | None) -> str:
    rule = draft.rule
    begin = ["update", "--id", rule.id] if record else ["create", "--method", rule.auth_method]
    words = ["tulle", "acl", "binding-rule", *begin]
    words += ["--bind-type", rule.bind_type, "--bind-name", rule.bind_name]
    if rule.bind_variable:
        words += ["--bind-vars", f"name={rule.bind_variable}"]
    before = record.value if record else None
    for option, value, old in (
        ("--selector", rule.selector, before.selector if before else ""),
        ("--description", rule.description, before.description if before else ""),
    ):
        if value != old:
            words += [option, value]
    return shlex.join(words)


def context(mesh: Mesh, draft: Draft) -> dict[str, object]:
    method = mesh.acl.auth_method(draft.rule.auth_method)
    return {
        "draft": draft,
        "preview": preview(mesh, draft),
        "methods": sorted(mesh.acl.auth_methods),
        "bind_types": BIND_TYPES,
        "templates": list(TEMPLATES),
        "claims": draft.claims or (example(method) if method else ""),
    }
