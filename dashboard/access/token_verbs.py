"""Making, changing and revoking tokens; a secret leaves here once, in the answer that made it."""

from functools import partial
from uuid import uuid4

from dashboard.access import paths
from dashboard.access.linked_draft import Draft, command_of, draft_in, draft_of, token_of
from dashboard.access.tokens import SHORT
from dashboard.access.writing import since
from dashboard.doing import Asked, Done, Once, undoable
from meshcore.acl.types import Token
from meshcore.actions import acl as actions
from meshcore.lib.errors import InvalidError
from meshcore.store.store import Written


async def save_token(asked: Asked) -> Done | Once:
    draft = draft_in(asked.form)
    return await update(asked, draft) if draft.key else await create(asked, draft)


async def create(asked: Asked, draft: Draft) -> Once:
    blank, secret = fresh(asked)
    token = token_of(draft, blank)
    written = await asked.write(partial(actions.create_token, token=token))
    return made(written, token.accessor_id, secret, command_of(draft, None))


async def update(asked: Asked, draft: Draft) -> Done:
    key = draft.key
    record = asked.mesh.acl.tokens.get(key)
    blank = Token(accessor_id=key, secret_hash="", sealed_secret=b"", created_at=asked.now)
    token, title = token_of(draft, blank), f"token {key[:SHORT]}"
    written = await asked.write(
        since(
            draft.index,
            lambda mesh: mesh.acl.tokens.get(key),
            partial(actions.update_token, token=token, now=asked.now),
            title=title,
        ),
    )
    return Done(
        text=f"T{title[1:]} saved" if written.changes else f"T{title[1:]} is so already",
        command=command_of(draft, draft_of(record, asked.mesh.acl)) if record else "",
        undo=undoable(written),
        go_to=paths.of("tokens", key),
    )


async def clone_token(asked: Asked) -> Once:
    accessor_id = asked.required("accessor")
    clone, secret = fresh(asked)
    action = partial(
        actions.clone_token, accessor_id=accessor_id, clone=clone, now=clone.created_at
    )
    written = await asked.write(action)
    return made(
        written, clone.accessor_id, secret, f"tulle acl token clone --accessor-id {accessor_id}"
    )


async def delete_token(asked: Asked) -> Done:
    """Whoever says `own` knows that he ends his own login, and `force` that nobody is left."""
    accessor_id = asked.required("accessor")
    is_own = accessor_id == asked.caller.accessor_id
    if is_own and asked.form.get("own") != "yes":
        raise InvalidError("you are logged in with this token: revoke it on its own page")
    is_forced = asked.form.get("force") == "yes"
    action = partial(
        actions.delete_token, accessor_id=accessor_id, now=asked.now, is_forced=is_forced
    )
    written = await asked.write(action)
    option = "--force " if is_forced else ""
    return Done(
        text=f"Token {accessor_id[:SHORT]} is revoked",
        command=f"tulle acl token delete {option}--accessor-id {accessor_id}",
        undo=None if is_own else undoable(written),
        go_to=paths.tab("tokens"),
    )


def fresh(asked: Asked) -> tuple[Token, str]:
    """A token that is linked to nothing yet, and its secret."""
    secret, accessor_id = str(uuid4()), str(uuid4())
    callers = asked.context.callers
    token = Token(
        accessor_id=accessor_id,
        secret_hash=callers.hashed(secret),
        sealed_secret=callers.sealed(secret, accessor_id=accessor_id),
        created_at=asked.now,
    )
    return token, secret


def made(written: Written, accessor_id: str, secret: str, line: str) -> Once:
    token = written.mesh.acl.token(accessor_id)
    assert token is not None
    return Once(
        template="dashboard/access/secret.html",
        context={
            "secret": secret,
            "accessor_id": accessor_id,
            "title": token.description or f"Token {accessor_id[:SHORT]}",
            "path": paths.of("tokens", accessor_id),
        },
        done=Done(
            text=f"Token {accessor_id[:SHORT]} is made",
            command=line,
            undo=undoable(written),
        ),
    )
