"""The plan of `tulle apply`, for people: + will be there, ~ changes, - goes."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from meshcore.config_entries.kubernetes import Skipped

MARKS = {"created": ("+", "green"), "changed": ("~", "yellow"), "unchanged": ("=", "dim")}
Planned = Mapping[str, Any]  # as POST /api/apply answers


def plan_lines(plan: Iterable[Planned], skipped: Iterable[Skipped]) -> Iterator[Text]:
    for planned in plan:
        mark, style = MARKS[planned["outcome"]]
        yield Text(f"{mark} {title(planned)}", style=style)
        for difference in planned["differences"]:
            yield difference_line(difference)
    for one in skipped:
        yield Text(f"  {one.kind}/{one.name} is skipped: {one.note}", style="dim")


def difference_line(difference: Mapping[str, Any]) -> Text:
    path, before, after = difference["path"], difference["before"], difference["after"]
    if before is None:
        return Text(f"    + {path}: {shown(after)}", style="green")
    if after is None:
        return Text(f"    - {path}: {shown(before)}", style="red")
    return Text(f"    ~ {path}: {shown(before)} -> {shown(after)}", style="yellow")


def shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def outcome_lines(plan: Iterable[Planned], skipped: Iterable[Skipped]) -> Iterator[Text]:
    for planned in plan:
        yield Text(f"{title(planned)} {planned['outcome']}", style=MARKS[planned["outcome"]][1])
    for one in skipped:
        yield Text(f"{one.kind}/{one.name} skipped", style="dim")


def summary(plan: Iterable[Planned], skipped: Sequence[Skipped]) -> str:
    counts = Counter(planned["outcome"] for planned in plan)
    return (
        f"Plan: {counts['created']} to create, {counts['changed']} to change, "
        f"{counts['unchanged']} unchanged, {len(skipped)} skipped."
    )


def title(planned: Planned) -> str:
    return f"{planned['kind']}/{planned['name']}"
