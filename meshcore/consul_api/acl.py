"""/v1/acl/bootstrap and what else is about the ACL as a whole."""

import asyncio
import logging
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from meshcore.acl.rules import Access, RuleKind
from meshcore.acl.types import Token
from meshcore.actions import acl as actions
from meshcore.actions.acl_grants import require_id
from meshcore.consul_api.acl_answers import require_enabled, shown
from meshcore.consul_api.context import Context
from meshcore.consul_api.requests import Request
from meshcore.consul_api.responses import Content, json_content
from meshcore.consul_api.routes import Route, Routes
from meshcore.store.callers import Caller
from meshcore.wire.acl import BootstrapOut, read, token_fields
from meshcore.wire.decoding import decode
from meshcore.wire.errors import Refusal
from meshcore.wire.names import In, Out

MOST_QUESTIONS = 64
WRITE_PREFIX = "write-prefix"  # of keys: all that there are or may be under it
ZERO_TIME = "0001-01-01T00:00:00Z"
ACCESSES = {access.word: access for access in Access if access is not Access.DENY}

logger = logging.getLogger(__name__)


class BootstrapIn(In, frozen=True, kw_only=True):
    bootstrap_secret: str = ""


class QuestionIn(In, frozen=True, kw_only=True):
    resource: str = ""
    access: str = ""
    segment: str = ""


class VerdictOut(Out, frozen=True, kw_only=True, omit_defaults=True):
    resource: str
    segment: str = ""
    access: str
    allow: bool


async def bootstrap(context: Context, request: Request) -> Content:
    """Make the first management token; nobody can have one yet, so nobody needs one."""
    require_enabled(context)
    given = read(request.body or b"{}", BootstrapIn, what="Bootstrap")
    secret = given.bootstrap_secret or str(uuid4())
    require_id(secret, what="BootstrapSecret")
    accessor_id = str(uuid4())
    token = Token(
        accessor_id=accessor_id,
        secret_hash=context.callers.hashed(secret),
        sealed_secret=context.callers.sealed(secret, accessor_id=accessor_id),
        created_at=datetime.now(UTC),
    )
    reset_index = await asyncio.to_thread(asked_reset, context.bootstrap_reset_file)
    action = partial(actions.bootstrap, token=token, reset_index=reset_index)
    done = await context.store.write(action, actor="bootstrap")
    await asyncio.to_thread(close_again, context, secret)
    fields = token_fields(done.mesh.acl.tokens[accessor_id], done.mesh.acl, secret=secret)
    return shown(request, BootstrapOut(**fields, id=secret), mesh=done.mesh)


def close_again(context: Context, secret: str) -> None:
    """The caller gets the secret in any case, so that a full disk does not lose it."""
    try:
        if context.bootstrap_reset_file is not None:
            context.bootstrap_reset_file.unlink(missing_ok=True)
        if context.keep_bootstrap_secret is not None:
            context.keep_bootstrap_secret(secret)
    except OSError:
        logger.exception("the first token was made, but not put into the data dir")


def asked_reset(file: Path | None) -> int | None:
    """The index in the file by which whoever owns the data dir asks for another bootstrap."""
    if file is None or not file.exists():
        return None
    text = file.read_text(errors="replace").strip()
    if not text.isdecimal():
        logger.error("%s holds no index: the bootstrap stays closed", file)
        return None
    return int(text)


async def replication(context: Context, request: Request) -> Content:
    """There is nothing to replicate from: all servers share one store."""
    require_enabled(context)
    status = {
        "Enabled": False,
        "Running": False,
        "SourceDatacenter": "",
        "ReplicationType": "",
        "ReplicatedIndex": 0,
        "ReplicatedRoleIndex": 0,
        "ReplicatedTokenIndex": 0,
        "LastSuccess": ZERO_TIME,
        "LastError": ZERO_TIME,
        "LastErrorMessage": "",
    }
    return json_content(status, is_pretty=request.has("pretty"))


async def authorize(context: Context, request: Request) -> Content:
    """Tell the caller what it may do; it could as well try."""
    require_enabled(context)
    questions = decode(request.body, list[QuestionIn], what="Request body decode")
    if len(questions) > MOST_QUESTIONS:
        raise Refusal(400, f"Refusing to process more than {MOST_QUESTIONS} authorizations at once")
    verdicts = [
        VerdictOut(
            resource=question.resource,
            segment=question.segment,
            access=question.access,
            allow=may(request.caller, question),
        )
        for question in questions
    ]
    return shown(request, verdicts, mesh=context.store.mesh)


def may(caller: Caller, question: QuestionIn) -> bool:
    if question.resource not in RuleKind.__members__.values():
        raise Refusal(400, f'Invalid ACL resource requested: "{question.resource}"')
    kind = RuleKind(question.resource)
    if kind is RuleKind.KEY and question.access == WRITE_PREFIX:
        return caller.authorizer.allows_key_prefix(question.segment)
    access = ACCESSES.get(question.access)
    if access is None or (access is Access.LIST and kind is not RuleKind.KEY):
        raise Refusal(400, f'Invalid access level for {kind} resource: "{question.access}"')
    return caller.may(kind, access, question.segment)


ROUTES: Routes = {
    "/v1/acl/bootstrap": Route(calls={"PUT": bootstrap}, is_open=True),
    "/v1/acl/replication": Route(calls={"GET": replication}, is_open=True),
    "/v1/internal/acl/authorize": Route(calls={"POST": authorize}),
}
