"""Changing the mesh from a page: `POST /ui/do/<verb>`, each verb one function in verbs.py.

A verb reads the form, makes an action of it and has it written; whether the token may make the
changes that come of it is asked of the changes themselves, by the writer, on the mesh that they are
for. So no verb can forget to ask, and none can ask for too little.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus

import msgspec
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from dashboard import errors
from dashboard.context import Context
from dashboard.params import Params
from meshcore.actions.permissions import to_write
from meshcore.lib.errors import InvalidError, MeshError
from meshcore.mesh.types import Change, Mesh
from meshcore.store.callers import Caller
from meshcore.store.store import Action, Written

LONGEST_REASON = 500


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What the toast says; `undo` is the entry of the log that can be taken back."""

    text: str
    command: str = ""
    undo: int | None = None
    go_to: str = ""  # where the page leads that this was done on, when it is no more


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """The form once more, with what is wrong in it; the template is a piece of a page."""

    template: str
    context: Mapping[str, object]


class Once(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a page that is in this one answer, and that nothing keeps."""

    template: str
    context: Mapping[str, object]
    done: Done

    def __repr__(self) -> str:
        return f"Once({self.template})"  # there may be a secret in its context


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    form: Params
    caller: Caller
    mesh: Mesh
    now: datetime
    context: Context

    def required(self, name: str) -> str:
        """Raise InvalidError for a field that was left out."""
        value = self.form.get(name).strip()
        if not value:
            raise InvalidError(f"{name} is missing")
        return value

    async def write(self, action: Action) -> Written:
        """Raise DeniedError, before anything is written, for what the token may not change."""
        return await self.context.store.write(
            authorized(action, self.caller), actor=self.caller.actor, reason=self.reason
        )

    @property
    def reason(self) -> str:
        reason = self.form.get("reason").strip()
        if len(reason) > LONGEST_REASON:
            raise InvalidError(f"the reason is longer than {LONGEST_REASON} characters")
        return reason


Verb = Callable[[Asked], Awaitable[Done | Again | Once]]


def authorized(action: Action, caller: Caller) -> Action:
    def run(mesh: Mesh) -> tuple[Change, ...]:
        changes = tuple(action(mesh))
        for change in changes:
            require(caller, change)
        return changes

    return run


def require(caller: Caller, change: Change) -> None:
    for rule in to_write(change):
        caller.require(rule.kind, rule.access, rule.segment)


def undoable(written: Written) -> int | None:
    """What `Done.undo` takes: a write that changed nothing has nothing to take back."""
    return written.index if written.changes else None


async def answer(verb: Verb, asked: Asked) -> HttpResponse:
    try:
        outcome = await verb(asked)
    except MeshError as error:
        return refused(error)
    if isinstance(outcome, Again):
        html = render_to_string(outcome.template, dict(outcome.context))
        return HttpResponse(html, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if isinstance(outcome, Once):
        html = render_to_string(outcome.template, dict(outcome.context))
        return HttpResponse(html, headers={"Cache-Control": "no-store", **said(outcome.done)})
    headers = said(outcome)
    if outcome.go_to:
        headers["Tulle-Go-To"] = outcome.go_to
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers=headers)


def said(done: Done) -> dict[str, str]:
    return toast(done.text, kind="done", command=done.command, undo=done.undo)


def refused(error: MeshError) -> HttpResponse:
    return HttpResponse(
        status=errors.kind_of(error).status, headers=toast(str(error), kind="error")
    )


def toast(text: str, *, kind: str, command: str = "", undo: int | None = None) -> dict[str, str]:
    """In a header: so in ASCII, whatever is in the names that it tells of."""
    said = {"text": text, "kind": kind, "command": command, "undo": undo}
    return {"HX-Trigger": json.dumps({"toast": said})}


def asked_in(request: HttpRequest, context: Context, caller: Caller, mesh: Mesh) -> Asked:
    pairs = ((name, value) for name, values in request.POST.lists() for value in values)
    return Asked(
        form=Params(tuple(pairs)), caller=caller, mesh=mesh, now=datetime.now(UTC), context=context
    )
