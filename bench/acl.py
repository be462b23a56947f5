"""Verdicts on who may do what: tokens resolved and asked about a second, and filtered lists."""

import argparse
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from urllib.parse import unquote

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.figures import machine
from bench.filtered_lists import FULL, QUICK, Sizes, costs
from bench.reads import INSTANCES
from bench.servers import LOAD_CORE, running
from meshcore.acl.authorizer import Authorizer
from meshcore.acl.authorizers import Authorizers
from meshcore.acl.parsing import parse
from meshcore.acl.resolution import hashed, holder
from meshcore.acl.rules import Access, Rule, RuleKind, rendered
from meshcore.acl.types import Policy, Token
from meshcore.acl.view import Acl
from meshcore.lib.records import Record

RULES = 1000
POLICIES = (1, 10, 100)
RUNS = 5
SECONDS = 0.3
NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY, SECRET = b"k" * 32, "2f1b8f0c-6f1c-4f58-9a2e-0c6d3f5e7a10"


class Question(msgspec.Struct, frozen=True):
    name: str
    kind: RuleKind
    access: Access
    segment: str
    allowed: bool


QUESTIONS = (
    Question("exact rule", RuleKind.SERVICE, Access.WRITE, "service-0400", allowed=True),
    Question("prefix rule", RuleKind.KEY, Access.WRITE, "app/0301/colour", allowed=True),
    Question("no rule", RuleKind.NODE, Access.READ, "node-1", allowed=False),
)


def rules() -> list[Rule]:
    """As many exact rules for services as nested prefixes of keys."""
    half = RULES // 2
    services = [
        Rule(RuleKind.SERVICE, Access.WRITE, f"service-{number:04}", is_prefix=False)
        for number in range(half)
    ]
    keys = [Rule(RuleKind.KEY, Access.WRITE, f"app/{number:04}/") for number in range(half)]
    return services + keys


def laid(policies: int) -> tuple[Acl, Token]:
    view, ids = Acl(), [f"policy-{number}" for number in range(policies)]
    for number, policy_id in enumerate(ids):
        text = rendered(rules()[number::policies])
        view = view.with_policy(
            policy_id, Record(Policy(id=policy_id, name=policy_id, rules=text), 1, 1)
        )
    token = Token(
        accessor_id="token",
        secret_hash=hashed(SECRET, key=KEY),
        sealed_secret=b"",
        created_at=NOW,
        policies=tuple(ids),
    )
    return view.with_token("token", Record(token, 2, 2)), token


def per_second(act: Callable[[], object], seconds: float) -> float:
    """The median of the runs; each repeats what is measured for so long."""
    rates = []
    for _ in range(RUNS):
        count, started = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            for _ in range(10):
                act()
            count += 10
        rates.append(count / elapsed)
    return sorted(rates)[RUNS // 2]


def measured(policies: int, seconds: float) -> list[str]:
    view, token = laid(policies)
    changed = [view.with_token(f"other-{n}", Record(token, 3, 3)) for n in range(2)]
    authorizers = new()

    def first() -> Authorizer:
        parse.cache_clear()
        return new().of(token, view)

    def after_a_change() -> Authorizer:
        changed.append(changed.pop(0))
        return authorizers.of(token, changed[0])

    def resolved() -> Authorizer:
        return authorizers.of(holder(view, hashed(SECRET, key=KEY), now=NOW), view)

    columns = [f"{policies:,}"]
    columns += [f"{per_second(act, seconds):,.0f}" for act in (first, after_a_change, resolved)]
    authorizer = resolved()
    for question in QUESTIONS:
        rate = per_second(partial(decided, authorizer, question), seconds)
        columns.append(f"{rate:,.0f}")
    return columns


def new() -> Authorizers:
    return Authorizers(default_allow=False, datacenter="dc1")


def decided(authorizer: Authorizer, question: Question) -> None:
    if authorizer.allows(question.kind, question.access, question.segment) != question.allowed:
        raise SystemExit(f"wrong: {question}")


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.acl", description=__doc__)
    options.add_argument("--quick", action="store_true", help="short runs: does it work at all")
    is_quick = options.parse_args().quick
    seconds = 0.02 if is_quick else SECONDS
    os.sched_setaffinity(0, {LOAD_CORE})
    console = Console()
    facts = machine()
    console.print(
        f"{facts.processor}, {facts.python}; load average {facts.load_average:.2f} before"
    )
    table = Table("policies", title=f"a second, {RULES:,} rules in all", box=SIMPLE_HEAD)
    for heading in ("parse and compile", "resolve after a change", "resolve"):
        table.add_column(heading, justify="right")
    for question in QUESTIONS:
        table.add_column(f"decide: {question.name}", justify="right")
    for policies in POLICIES:
        table.add_row(*measured(policies, seconds))
    console.print(table)
    console.print(filtered(QUICK if is_quick else FULL))


def filtered(sizes: Sizes) -> Table:
    title = f"lists of {sizes.services:,} services of {INSTANCES} instances"
    table = Table("list", title=title, box=SIMPLE_HEAD)
    for what in ("kept, CPU us", "anew, ms"):
        for heading in (f"{what}: all", "filtered", "costs"):
            table.add_column(heading, justify="right")
    with running() as server:
        for cost in costs(server, sizes):
            (kept, kept_filtered), (anew, anew_filtered) = cost.kept_us, cost.anew_ms
            table.add_row(
                unquote(cost.path),
                f"{kept:,.0f}",
                f"{kept_filtered:,.0f}",
                f"{kept_filtered / kept:.2f}",
                f"{anew:,.2f}",
                f"{anew_filtered:,.2f}",
                f"{anew_filtered / anew:.2f}",
            )
    return table


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "160")
    main()
