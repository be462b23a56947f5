"""The editor of all intentions toward one destination, and what saving its draft would do."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import get_args

import msgspec

from dashboard.facts import Facts
from dashboard.intentions import typed
from dashboard.intentions.authors import Author, authors_since
from dashboard.intentions.draft import By, entry_of
from dashboard.intentions.drafting import Drafted, begun
from dashboard.intentions.evaluation import Step, evaluation
from dashboard.intentions.merging import Theirs
from dashboard.intentions.saving import Saving, saving, visible
from dashboard.intentions.sheet import Sheet, sheet
from dashboard.intentions.typed import Language
from dashboard.intentions.words import summary
from dashboard.pages import Page, PageRequest
from meshcore.acl.rules import Access, RuleKind
from meshcore.config_entries.problems import require_none
from meshcore.config_entries.texts import Mistake
from meshcore.intentions.types import WILDCARD, ServiceIntentions
from meshcore.intentions.validation import name_problems
from meshcore.mesh import watch
from meshcore.mesh.types import Mesh
from meshcore.store.callers import Caller
from meshcore.topology.graph import service_names

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE")
PATH_TESTS = {
    "": "any path",
    "exact": "path is",
    "prefix": "path begins with",
    "regex": "path matches",
}
HEADER_TESTS = {
    "exact": "is",
    "prefix": "begins with",
    "suffix": "ends with",
    "contains": "contains",
    "regex": "matches",
    "present": "is there",
}
BY_CHOICES = {"allow": "Allowed", "deny": "Denied", "permissions": "By request"}
ACTIONS = ("allow", "deny")
MOST_SUGGESTIONS = 1000
MOST_STEPS = 20


class Meanwhile(msgspec.Struct, frozen=True):
    """What somebody else has done to one source since the draft began."""

    source: str
    before: str
    after: str
    clashes: bool


class Editor(msgspec.Struct, frozen=True, kw_only=True):
    """What the template shows: `sheet` is the form, all else follows from it."""

    destination: str
    protocol: str
    sheet: Sheet
    steps: tuple[Step, ...]
    saving: Saving
    hints: tuple[str, ...]
    conflict: tuple[Meanwhile, ...]
    authors: tuple[Author, ...]  # of the conflict
    mistakes: tuple[Mistake, ...]
    text: str
    language: Language
    may_write: bool

    @property
    def can_save(self) -> bool:
        forbidden = self.sheet.problems or self.saving.refusal or self.conflict or self.mistakes
        return self.saving.is_change and not forbidden

    @property
    def first_steps(self) -> tuple[Step, ...]:
        """Of many that each are about one caller the first; all that are about others."""
        return self.steps[:MOST_STEPS]

    @property
    def more_steps(self) -> int:
        return max(0, sum(step.is_about_one for step in self.steps) - MOST_STEPS)

    @property
    def last_steps(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps[MOST_STEPS:] if not step.is_about_one)

    @property
    def deletes_all(self) -> bool:
        return not self.sheet.sources and self.sheet.draft.base is not None

    @property
    def default_word(self) -> str:
        return self.steps[-1].verdict.removeprefix("default-")


def edit(request: PageRequest) -> Page:
    destination = request.params.get("destination")
    require_none(name_problems(destination, at="destination"))
    request.caller.require(RuleKind.INTENTION, Access.READ, destination)
    draft = begun(
        request.mesh.intentions.by_destination.get(destination),
        destination,
        source=request.params.get("source"),
        by=by_in(request.params.get("by")),
    )
    shown = editor(
        request.mesh,
        request.caller,
        Drafted(draft),
        language="yaml",
        now=request.now,
        facts=request.facts,
    )
    return Page(
        template="dashboard/intentions/edit.html",
        title=f"Intentions to {'any service' if destination == WILDCARD else destination}",
        context=context(shown, request.mesh, request.caller),
        watch_keys=(
            watch.intentions(destination),
            watch.intentions(WILDCARD),
            watch.config_entry("service-defaults", destination),
            watch.config_kind("proxy-defaults"),
            watch.SERVICES,
        ),
    )


def by_in(text: str) -> By | None:
    return next((by for by in get_args(By) if by == text), None)


def context(shown: Editor, mesh: Mesh, caller: Caller) -> dict[str, object]:
    return {
        "editor": shown,
        "sheet": shown.sheet,
        "methods": METHODS,
        "actions": ACTIONS,
        "by_choices": BY_CHOICES.items(),
        "languages": get_args(Language),
        "path_tests": PATH_TESTS.items(),
        "header_tests": HEADER_TESTS.items(),
        "services": suggestions(mesh, caller),
    }


def suggestions(mesh: Mesh, caller: Caller) -> list[str]:
    return sorted(visible(caller, service_names(mesh.registry)))[:MOST_SUGGESTIONS]


def editor(
    mesh: Mesh,
    caller: Caller,
    drafted: Drafted,
    *,
    language: Language,
    now: datetime,
    facts: Facts,
    find: str = "",
) -> Editor:
    draft, destination = drafted.draft, drafted.draft.destination
    default_allow = facts.default_allow
    wanted = entry_of(draft, mesh.intentions.to(destination))
    everywhere = mesh.intentions.to(WILDCARD)
    form = sheet(draft, find=find)
    return Editor(
        destination=destination,
        protocol=mesh.config_entries.protocol(destination),
        sheet=form,
        steps=evaluation(destination, wanted.intentions, everywhere, default_allow=default_allow),
        saving=saving(
            mesh,
            caller,
            draft,
            is_valid=not form.problems,
            language=language,
            now=now,
            default_allow=default_allow,
        ),
        hints=tuple(hints(mesh, caller, wanted)),
        conflict=tuple(meanwhile(each) for each in drafted.conflict),
        authors=authors_of(drafted, mesh, caller, facts),
        mistakes=drafted.mistakes,
        text=drafted.text or typed.WRITERS[language](wanted),
        language=language,
        may_write=caller.may(RuleKind.INTENTION, Access.WRITE, destination),
    )


def authors_of(drafted: Drafted, mesh: Mesh, caller: Caller, facts: Facts) -> tuple[Author, ...]:
    draft = drafted.draft
    if not drafted.conflict:
        return ()
    return authors_since(
        facts.history, caller, draft.destination, index=draft.index, upto=mesh.index
    )


def meanwhile(each: Theirs) -> Meanwhile:
    before, after = (summary(one) if one else "" for one in (each.before, each.after))
    return Meanwhile(each.source, before, after, each.clashes)


def hints(mesh: Mesh, caller: Caller, entry: ServiceIntentions) -> Iterator[str]:
    """What is no mistake, and may yet not be meant."""
    for name in unknown(mesh, (entry.destination, *(i.source for i in entry.intentions))):
        if caller.may(RuleKind.SERVICE, Access.READ, name):
            yield f"No service is registered as {name} yet: the intention waits for it."


def unknown(mesh: Mesh, names: Iterable[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if name and name != WILDCARD and not mesh.registry.of_service(name):
            yield name
