"""Binding rules as Consul writes them."""

from typing import get_args

from msgspec import UNSET, UnsetType

from meshcore.acl.types import BindingRule, BindType
from meshcore.lib.errors import InvalidError
from meshcore.lib.records import Record
from meshcore.wire.acl_links import Computed, VariablesIn, VariablesOut
from meshcore.wire.names import Out

BIND_TYPES: dict[str, BindType] = {bind_type: bind_type for bind_type in get_args(BindType)}


class BindingRuleIn(Computed, frozen=True, kw_only=True):
    id: str = ""
    description: str = ""
    auth_method: str = ""
    selector: str = ""
    bind_type: str = ""
    bind_name: str = ""
    bind_vars: VariablesIn | None = None


class BindingRuleOut(Out, frozen=True, kw_only=True):
    id: str
    description: str
    auth_method: str
    selector: str
    bind_type: str
    bind_name: str
    bind_vars: VariablesOut | UnsetType = UNSET
    create_index: int
    modify_index: int


def binding_rule_of(given: BindingRuleIn, *, rule_id: str) -> BindingRule:
    bind_type = BIND_TYPES.get(given.bind_type)
    if bind_type is None:
        known = ", ".join(BIND_TYPES)
        raise InvalidError(
            f'Invalid Binding Rule: unknown BindType "{given.bind_type}": it is one of {known}'
        )
    return BindingRule(
        id=rule_id,
        auth_method=given.auth_method,
        bind_type=bind_type,
        bind_name=given.bind_name,
        bind_variable=given.bind_vars.name if given.bind_vars else "",
        selector=given.selector,
        description=given.description,
    )


def binding_rule_out(record: Record[BindingRule]) -> BindingRuleOut:
    rule = record.value
    return BindingRuleOut(
        id=rule.id,
        description=rule.description,
        auth_method=rule.auth_method,
        selector=rule.selector,
        bind_type=rule.bind_type,
        bind_name=rule.bind_name,
        bind_vars=VariablesOut(name=rule.bind_variable) if rule.bind_variable else UNSET,
        create_index=record.create_index,
        modify_index=record.modify_index,
    )
