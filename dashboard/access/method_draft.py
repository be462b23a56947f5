"""An auth method while it is typed: whether it could be saved, and by which command."""

import shlex

import msgspec

from dashboard.access.fields import index_of
from dashboard.access.method_fields import TYPES, Fields, fields_in, fields_of, method_of
from dashboard.params import Params
from meshcore.acl.types import AuthMethod, JwtConfig
from meshcore.actions import auth_methods as actions
from meshcore.lib.errors import InvalidError, MeshError
from meshcore.lib.records import Record
from meshcore.logins.usable import require_usable
from meshcore.mesh.types import Change, Mesh

TYPED = b"typed"  # stands for a reviewer's token under seal while a draft is looked at


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """`is_new` says that there is to be no method of this name yet."""

    fields: Fields
    type: str
    is_new: bool = True
    index: int = 0
    has_reviewer: bool = False  # one was typed

    @property
    def is_unnamed(self) -> bool:
        return not self.fields.name


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    refusal: str = ""
    is_changed: bool = False
    is_overtaken: bool = False
    command: str = ""

    @property
    def can_save(self) -> bool:
        return self.is_changed and not self.refusal and not self.is_overtaken


def draft_in(form: Params) -> Draft:
    type_ = form.get("type")
    if type_ not in TYPES:
        raise InvalidError(f'"{type_}" is no type of auth method: {", ".join(TYPES)}')
    return Draft(
        fields=fields_in(form),
        type=type_,
        is_new=form.get("new") == "yes",
        index=index_of(form),
        has_reviewer=bool(form.get("reviewer_jwt").strip()),
    )


def draft_of(record: Record[AuthMethod]) -> Draft:
    method = record.value
    return Draft(
        fields=fields_of(method),
        type="jwt" if isinstance(method.config, JwtConfig) else "kubernetes",
        is_new=False,
        index=record.modify_index,
    )


def preview(mesh: Mesh, draft: Draft) -> Preview:
    record = mesh.acl.auth_methods.get(draft.fields.name)
    shown = Preview(
        is_overtaken=not draft.is_new and draft.index != (record.modify_index if record else 0),
        command=command_of(draft),
    )
    try:
        changes = changes_of(mesh, draft, sealed=TYPED if draft.has_reviewer else b"")
        return msgspec.structs.replace(shown, is_changed=bool(changes))
    except MeshError as error:
        return msgspec.structs.replace(shown, refusal=str(error))


def changes_of(mesh: Mesh, draft: Draft, *, sealed: bytes) -> tuple[Change, ...]:
    """Raise InvalidError for a method that could not be used, or a name that is taken."""
    name = draft.fields.name
    if draft.is_new and name in mesh.acl.auth_methods:
        raise InvalidError(f"there is an auth method {name} already")
    method = method_of(draft.fields, draft.type, sealed_reviewer_jwt=sealed)
    changes = tuple(actions.put_method(mesh, method))
    require_usable(method)
    return changes


def command_of(draft: Draft) -> str:
    fields = draft.fields
    words = ["tulle", "acl", "auth-method", "create" if draft.is_new else "update"]
    words += ["--name", fields.name]
    if draft.is_new:
        words += ["--type", draft.type]
    for option, value in (
        ("--display-name", fields.display_name),
        ("--description", fields.description),
        ("--max-token-ttl", fields.max_token_ttl),
    ):
        if value:
            words += [option, value]
    if fields.token_locality == "global":  # noqa: S105 no secret
        words += ["--token-locality", "global"]
    return shlex.join([*words, "--config", f"{fields.name or 'method'}.json"])
