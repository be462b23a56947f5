"""What a draft gives and takes: the rights before and after it, side by side."""

from collections.abc import Iterable, Iterator

import msgspec

from dashboard.access.rights import scope
from meshcore.acl.rights import Right
from meshcore.acl.rules import Rule


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Empty words where there was, or will be, no such right."""

    kind: str
    scope: str
    segment: str
    before: str
    after: str

    @property
    def verdict(self) -> str:
        return "deny" if self.after in ("", "deny") else "allow"


def effects(before: Iterable[Right], after: Iterable[Right]) -> Iterator[Effect]:
    old = {place(right.rule): right.rule for right in before}
    new = {place(right.rule): right.rule for right in after}
    for key in sorted({*old, *new}):
        was, will = old.get(key), new.get(key)
        if was != will:
            rule = will or was
            assert rule is not None
            yield Effect(
                kind=str(rule.kind),
                scope=scope(rule),
                segment=rule.segment,
                before=was.access.word if was else "",
                after=will.access.word if will else "",
            )


def place(rule: Rule) -> tuple[str, str, bool]:
    return str(rule.kind), rule.segment, rule.is_prefix
