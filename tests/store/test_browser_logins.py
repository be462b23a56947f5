"""What a browser's cookie is good for, and until when."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from meshcore.acl.types import GLOBAL_MANAGEMENT, Token
from meshcore.acl.view import Acl
from meshcore.lib.records import Record
from meshcore.mesh.types import Mesh
from meshcore.store import browser_logins
from meshcore.store.browser_logins import LIFETIME, LoginEndedError
from meshcore.store.callers import Callers
from meshcore.store.store import Store
from tests.store.calling import callers

NOW = datetime.now(UTC).replace(microsecond=0)
SECRET = "11111111-2222-4333-8444-555555555555"
OWNER = "aaaaaaaa-2222-4333-8444-555555555555"


@pytest.fixture
def guards() -> Callers:
    return callers(Store(), is_enabled=True, default_allow=False)


def mesh_with(token: Token | None) -> Mesh:
    record = Record(token, 1, 1) if token else None
    return Mesh(acl=Acl().with_token(OWNER, record)) if record else Mesh()


def token(guards: Callers, *, secret: str = SECRET, ends_at: datetime | None = None) -> Token:
    return Token(
        accessor_id=OWNER,
        secret_hash=guards.hashed(secret),
        sealed_secret=b"",
        created_at=NOW,
        expires_at=ends_at,
        policies=(GLOBAL_MANAGEMENT,),
    )


def test_login_is_the_token_until_a_working_day_is_over(guards: Callers) -> None:
    own = token(guards)
    cookie = browser_logins.begin_with(guards, own, now=NOW)
    last = NOW + LIFETIME - timedelta(seconds=1)
    caller = browser_logins.caller(guards, cookie, mesh=mesh_with(own), now=last)
    assert (caller.accessor_id, caller.expires_at) == (OWNER, NOW + LIFETIME)
    with pytest.raises(LoginEndedError, match="a login lasts 12 hours"):
        browser_logins.caller(guards, cookie, mesh=mesh_with(own), now=NOW + LIFETIME)


def test_login_ends_with_its_token(guards: Callers) -> None:
    soon = NOW + timedelta(hours=1)
    own = token(guards, ends_at=soon)
    cookie = browser_logins.begin_with(guards, own, now=NOW)
    caller = browser_logins.caller(guards, cookie, mesh=mesh_with(own), now=NOW)
    assert caller.expires_at == soon
    for mesh, now, why in (
        (mesh_with(own), soon, "has expired"),
        (mesh_with(None), NOW, "was revoked"),
        (mesh_with(token(guards, secret="another")), NOW, "was revoked"),
    ):
        with pytest.raises(LoginEndedError, match=why):
            browser_logins.caller(guards, cookie, mesh=mesh, now=now)


@pytest.mark.parametrize("cookie", ["", "AAAA", "=", "ü", "A" * 2000])
def test_what_no_server_of_the_mesh_has_sealed_is_no_login(guards: Callers, cookie: str) -> None:
    with pytest.raises(LoginEndedError, match="not made by this mesh"):
        browser_logins.caller(guards, cookie, mesh=mesh_with(token(guards)), now=NOW)


def test_cookie_that_was_altered_is_no_login(guards: Callers) -> None:
    own = token(guards)
    cookie = browser_logins.begin_with(guards, own, now=NOW)
    sealed = bytearray(base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)))
    sealed[-1] ^= 1
    altered = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
    with pytest.raises(LoginEndedError, match="not made by this mesh"):
        browser_logins.caller(guards, altered, mesh=mesh_with(own), now=NOW)


def test_what_was_sealed_for_another_place_is_no_login(guards: Callers) -> None:
    elsewhere = guards.sealed_for("somewhere", "[]")
    cookie = base64.urlsafe_b64encode(elsewhere).decode().rstrip("=")
    with pytest.raises(LoginEndedError, match="not made by this mesh"):
        browser_logins.caller(guards, cookie, mesh=mesh_with(token(guards)), now=NOW)
