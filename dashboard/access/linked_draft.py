"""A token or a role while it is typed: what saving it would do, or why it cannot be."""

import shlex
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from dashboard.access.effect import Effect, effects
from dashboard.access.fields import index_of
from dashboard.access.words import Words, changed_options, linked_by, options, words_in, words_of
from dashboard.params import Params
from meshcore.acl.identities import TEMPLATES
from meshcore.acl.rights import Given, given_to, rights
from meshcore.acl.types import Role, Token
from meshcore.acl.view import Acl
from meshcore.actions import acl as token_actions
from meshcore.actions import acl_grants as role_actions
from meshcore.lib import durations
from meshcore.lib.errors import MeshError
from meshcore.lib.records import Record
from meshcore.mesh.apply import apply as applied
from meshcore.mesh.types import Change, Mesh

MOST_OFFERED = 1_000  # names in the lists that fields complete from
SAMPLE = "11111111-1111-4111-8111-111111111111"  # stands for the ids of what is not made yet


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The form; `key` is empty for one that is new, `index` is at which it was read."""

    is_role: bool
    words: Words
    key: str = ""
    index: int = 0
    name: str = ""
    description: str = ""
    ttl: str = ""
    is_local: bool = False

    @property
    def is_unnamed(self) -> bool:
        return self.is_role and not self.name

    @property
    def what(self) -> str:
        return "role" if self.is_role else "token"

    @property
    def fields(self) -> "list[LinkField]":
        words = self.words
        fields = [
            LinkField("policy", "Policies", "By name", words.policies),
            LinkField("role", "Roles", "By name", words.roles),
            LinkField("service", "Service identities", "web, or web:dc1,dc2", words.services),
            LinkField("node", "Node identities", "node-1:dc1", words.nodes),
        ]
        return [field for field in fields if not (self.is_role and field.name == "role")]


class LinkField(msgspec.Struct, frozen=True):
    name: str
    label: str
    placeholder: str
    words: tuple[str, ...]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    effects: tuple[Effect, ...] = ()
    refusal: str = ""
    is_changed: bool = False
    is_overtaken: bool = False
    command: str = ""
    holders: int = 0  # tokens that a role's change reaches

    @property
    def can_save(self) -> bool:
        return self.is_changed and not self.refusal and not self.is_overtaken


def draft_in(form: Params) -> Draft:
    return Draft(
        is_role=form.get("what") == "role",
        words=words_in(form, without=form.get("drop")),
        key=form.get("key"),
        index=index_of(form),
        name=form.get("name").strip(),
        description=form.get("description").strip(),
        ttl=form.get("ttl").strip(),
        is_local=form.get("local") == "yes",
    )


def draft_of(record: Record[Token] | Record[Role], acl: Acl) -> Draft:
    value = record.value
    is_role = isinstance(value, Role)
    return Draft(
        is_role=is_role,
        words=words_of(value, acl),
        key=value.id if isinstance(value, Role) else value.accessor_id,
        index=record.modify_index,
        name=value.name if isinstance(value, Role) else "",
        description=value.description,
        is_local=isinstance(value, Token) and value.is_local,
    )


def token_of(draft: Draft, blank: Token) -> Token:
    """Raise InvalidError for words that are none; `blank` has the ids and the secret."""
    lasts = durations.parse(draft.ttl) if draft.ttl else timedelta()
    return linked_by(
        draft.words,
        msgspec.structs.replace(
            blank,
            description=draft.description,
            expires_at=blank.created_at + lasts if lasts else None,
            is_local=draft.is_local,
        ),
    )


def role_of(draft: Draft, role_id: str) -> Role:
    role = Role(id=role_id, name=draft.name, description=draft.description)
    return linked_by(draft.words, role)


def changes_of(mesh: Mesh, draft: Draft, *, now: datetime) -> Iterable[Change]:
    """What saving it would change; raise what it would be refused with."""
    if draft.is_role:
        role = role_of(draft, draft.key or SAMPLE)
        write = role_actions.update_role if draft.key else role_actions.create_role
        return write(mesh, role)
    blank = Token(
        accessor_id=draft.key or SAMPLE, secret_hash="", sealed_secret=b"", created_at=now
    )
    token = token_of(draft, blank)
    if draft.key:
        return token_actions.update_token(mesh, token, now=now)
    return token_actions.create_token(mesh, token)


def preview(mesh: Mesh, draft: Draft, *, now: datetime, datacenter: str) -> Preview:
    record = record_of(mesh.acl, draft)
    is_overtaken = draft.index != (record.modify_index if record else 0)
    try:
        changes = tuple(changes_of(mesh, draft, now=now))
    except MeshError as error:
        return Preview(refusal=str(error), is_overtaken=is_overtaken)
    after = applied(mesh, changes, index=mesh.index).acl
    before = record.value if record else None
    found = effects(
        rights(given_to(before, mesh.acl, datacenter=datacenter)) if before else (),
        rights(given for change in changes for given in given_after(change, after, datacenter)),
    )
    return Preview(
        effects=tuple(found) if changes else (),
        is_changed=bool(changes),
        is_overtaken=is_overtaken,
        command=command_of(draft, draft_of(record, mesh.acl) if record else None),
        holders=sum(
            draft.key in each.value.roles for each in mesh.acl.tokens.values() if draft.is_role
        ),
    )


def given_after(change: Change, acl: Acl, datacenter: str) -> Iterator[Given]:
    assert isinstance(change.after, Token | Role)
    return given_to(change.after, acl, datacenter=datacenter)


def record_of(acl: Acl, draft: Draft) -> Record[Token] | Record[Role] | None:
    return acl.roles.get(draft.key) if draft.is_role else acl.tokens.get(draft.key)


def command_of(draft: Draft, before: Draft | None) -> str:
    words = ["tulle", "acl", draft.what, "update" if before else "create"]
    if before:
        words += ["--id" if draft.is_role else "--accessor-id", draft.key]
    if draft.is_role and (before is None or before.name != draft.name):
        words += ["--name", draft.name]
    if draft.description != (before.description if before else ""):
        words += ["--description", draft.description]
    words += changed_options(before.words, draft.words) if before else options(draft.words)
    if draft.ttl and not before:
        words += ["--expires-ttl", draft.ttl]
    if draft.is_local and not before:
        words += ["--local"]
    return shlex.join(words)


def offered(acl: Acl, services: Iterable[str], nodes: Iterable[str]) -> dict[str, list[str]]:
    """The names that fields complete from."""
    return {
        "policy": sorted(acl.policy_ids)[:MOST_OFFERED],
        "role": sorted(acl.role_ids)[:MOST_OFFERED],
        "service": sorted(services)[:MOST_OFFERED],
        "node": sorted(nodes)[:MOST_OFFERED],
        "template": list(TEMPLATES),
    }
