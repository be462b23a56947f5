"""A policy while it is typed: what is wrong with it, what it would allow, and to whom."""

import re
import shlex
from collections.abc import Sequence

import msgspec

from dashboard.access import rights as shown_rights
from dashboard.access.effect import Effect, effects
from dashboard.access.fields import index_of
from dashboard.config_entries.editor import DiffLine, difference
from dashboard.params import Params
from meshcore.acl.parsing import parse
from meshcore.acl.rights import Given, Right, Source, rights
from meshcore.acl.types import Policy
from meshcore.acl.view import BUILTIN
from meshcore.actions import acl_grants as actions
from meshcore.lib.errors import InvalidError, MeshError
from meshcore.lib.records import Record
from meshcore.mesh.types import Mesh

LONGEST = 256 * 1024  # characters of rules
PLACED = re.compile(r"rules:(\d+)(?::(\d+))?: (.*)", re.DOTALL)
SAMPLE = "11111111-1111-4111-8111-111111111111"  # stands for the id of what is not made yet
EXAMPLE = """\
service_prefix "" {
  policy = "read"
}

node_prefix "" {
  policy = "read"
}
"""


class Mistake(msgspec.Struct, frozen=True):
    """Where in the rules, from 1; of bad syntax only the line is known, and the column is 0."""

    line: int
    column: int
    sentence: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The form; `key` is empty for one that is new, `index` is at which it was read."""

    key: str = ""
    index: int = 0
    name: str = ""
    description: str = ""
    rules: str = EXAMPLE
    datacenters: str = ""

    @property
    def policy(self) -> Policy:
        named = (part.strip() for part in self.datacenters.split(","))
        return Policy(
            id=self.key or SAMPLE,
            name=self.name,
            description=self.description,
            rules=self.rules,
            datacenters=tuple(part for part in named if part),
        )

    @property
    def is_unnamed(self) -> bool:
        return not self.name

    @property
    def is_builtin(self) -> bool:
        return self.key in BUILTIN


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    mistake: Mistake | None = None
    refusal: str = ""
    diff: tuple[DiffLine, ...] = ()
    effects: tuple[Effect, ...] = ()
    is_changed: bool = False
    is_overtaken: bool = False
    command: str = ""

    @property
    def can_save(self) -> bool:
        is_good = not self.refusal and self.mistake is None
        return self.is_changed and is_good and not self.is_overtaken


def draft_in(form: Params) -> Draft:
    rules = form.get("rules").replace("\r\n", "\n")
    if len(rules) > LONGEST:
        raise InvalidError(f"the rules are longer than {LONGEST} characters")
    return Draft(
        key=form.get("key"),
        index=index_of(form),
        name=form.get("name").strip(),
        description=form.get("description").strip(),
        rules=rules,
        datacenters=form.get("datacenters").strip(),
    )


def draft_of(record: Record[Policy]) -> Draft:
    policy = record.value
    return Draft(
        key=policy.id,
        index=record.modify_index,
        name=policy.name,
        description=policy.description,
        rules=policy.rules,
        datacenters=", ".join(policy.datacenters),
    )


def preview(mesh: Mesh, draft: Draft) -> Preview:
    record = mesh.acl.policies.get(draft.key)
    is_overtaken = draft.index != (record.modify_index if record else 0)
    mistake = mistake_in(draft.rules)
    if mistake is not None:
        return Preview(mistake=mistake, is_overtaken=is_overtaken)
    write = actions.update_policy if draft.key else actions.create_policy
    before = draft_of(record) if record else None
    if before is not None and before.policy == draft.policy:
        return Preview(is_overtaken=is_overtaken)
    try:
        changes = tuple(write(mesh, draft.policy))
    except MeshError as error:
        return Preview(refusal=str(error), is_overtaken=is_overtaken)
    old = before.rules if before else ""
    return Preview(
        diff=tuple(difference(old, draft.rules)) if before and old != draft.rules else (),
        effects=tuple(effects(held(before), held(draft))) if before else (),
        is_changed=bool(changes),
        is_overtaken=is_overtaken,
        command=command_of(draft),
    )


def mistake_in(rules: str) -> Mistake | None:
    try:
        parse(rules)
    except InvalidError as error:
        placed = PLACED.fullmatch(str(error))
        if placed is None:
            return Mistake(1, 0, str(error))
        return Mistake(int(placed[1]), int(placed[2] or 0), placed[3])
    return None


def held(draft: Draft | None) -> Sequence[Right]:
    """What the policy alone gives; nothing while it has mistakes."""
    if draft is None or mistake_in(draft.rules) is not None:
        return ()
    source = Source(kind="policy", name=draft.name or "(new)", policy_id=draft.key)
    return rights([Given(source, parse(draft.rules))])


def context(mesh: Mesh, draft: Draft, params: Params, *, default_allow: bool) -> dict[str, object]:
    """What the preview and the tester are filled with."""
    return {
        "draft": draft,
        "preview": preview(mesh, draft),
        **shown_rights.context(held(draft), params, default_allow=default_allow),
    }


def command_of(draft: Draft) -> str:
    verb = ["update", "--id", draft.key] if draft.key else ["create"]
    words = ["tulle", "acl", "policy", *verb, "--name", draft.name]
    if draft.description:
        words += ["--description", draft.description]
    for datacenter in draft.policy.datacenters:
        words += ["--valid-datacenter", datacenter]
    return shlex.join([*words, "--rules", f"{draft.name.replace('/', '-') or 'policy'}.hcl"])
