"""How a browser is logged in, and stops being so."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.http import HttpResponse
from django.test import Client

from dashboard import context
from dashboard.browser import COOKIE
from meshcore.acl.types import AuthMethod, BindingRule, JwtConfig
from meshcore.actions import auth_methods
from meshcore.mesh.types import Mesh
from tests.dashboard.asking import MANAGEMENT, Dashboard, text_of
from tests.logins.providers import ec_key, public_pem, signed

BY_HAND = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}


def log_in(browser: Dashboard, token: str, **form: str) -> HttpResponse:
    return browser.post("/ui/login", {"token": token, **form})


def place(answer: HttpResponse) -> tuple[int, str]:
    return answer.status_code, answer.get("Location", "")


def said(answer: HttpResponse) -> str:
    return text_of(answer.content.decode())


def test_whoever_is_not_logged_in_is_led_to_the_login_and_back(guarded: Dashboard) -> None:
    asked = guarded.get("/ui/?filter=a b")
    assert place(asked) == (303, "/ui/login?next=%2Fui%2F%3Ffilter%3Da%2520b")
    secret = guarded.token(policies=MANAGEMENT)
    entered = log_in(guarded, f" {secret} ", next="/ui/?filter=a%20b")
    assert place(entered) == (303, "/ui/?filter=a%20b")
    assert guarded.get("/ui/").status_code == 200


def test_cookie_is_for_no_script_and_no_other_site_and_holds_no_secret(guarded: Dashboard) -> None:
    secret = guarded.token(policies=MANAGEMENT)
    cookie = log_in(guarded, secret).cookies[COOKIE]
    flags = (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"])
    assert flags == (True, "Strict", "/", 12 * 60 * 60)
    assert not cookie["secure"]
    assert secret not in cookie.value
    assert guarded.callers.hashed(secret) not in cookie.value


def test_cookie_is_secure_over_tls(guarded: Dashboard) -> None:
    secret = guarded.token(policies=MANAGEMENT)
    answer = guarded.client.post("/ui/login", {"token": secret}, secure=True)
    assert answer.cookies[COOKIE]["secure"]


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/ui/", "//evil.example/ui/", "/\\evil.example", "/v1/x"],
)
def test_login_leads_to_no_other_place_than_a_page(guarded: Dashboard, elsewhere: str) -> None:
    secret = guarded.token(policies=MANAGEMENT)
    assert place(log_in(guarded, secret, next=elsewhere)) == (303, "/ui/")


@pytest.mark.parametrize("token", ["", "anonymous", "11111111-1111-4111-8111-111111111111"])
def test_what_is_no_token_is_refused_and_not_shown_again(guarded: Dashboard, token: str) -> None:
    answer = log_in(guarded, token)
    assert answer.status_code == 403
    assert "This is no token of this mesh" in said(answer)
    assert token == "" or token not in answer.content.decode().replace("anonymous token", "")
    assert COOKIE not in answer.cookies


def test_who_fails_ten_times_in_a_minute_waits_even_with_the_right_token(
    guarded: Dashboard,
) -> None:
    secret = guarded.token(policies=MANAGEMENT)
    for _ in range(10):
        assert log_in(guarded, "wrong").status_code == 403
    refused = log_in(guarded, secret)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60
    assert "Too many attempts to log in. Try again in" in said(refused)
    linked = guarded.post("/ui/link", {}, **{"X-Consul-Token": secret})
    assert linked.status_code == 429


def test_login_ends_with_its_token_and_says_so(guarded: Dashboard) -> None:
    secret = guarded.token(policies=MANAGEMENT)
    browser = guarded.logged_in(secret)
    assert browser.get("/ui/").status_code == 200
    guarded.revoke(secret)
    assert browser.get("/ui/").status_code == 303
    assert "Please log in again: the token that you logged in with was revoked." in said(
        browser.get("/ui/login")
    )


def test_script_is_told_to_go_to_the_login(guarded: Dashboard) -> None:
    answer = guarded.get("/ui/", **{"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/ui/login?next=%2Fui%2F"


def test_logout_forgets_the_login(guarded: Dashboard) -> None:
    browser = guarded.logged_in(guarded.token(policies=MANAGEMENT))
    answer = browser.post("/ui/logout", {})
    assert place(answer) == (303, "/ui/login")
    assert browser.get("/ui/").status_code == 303


def test_without_acls_nobody_logs_in(dashboard: Dashboard) -> None:
    assert dashboard.get("/ui/").status_code == 200
    assert place(dashboard.get("/ui/login")) == (302, "/ui/")
    linked = dashboard.post("/ui/link", {})
    assert linked.content == b'{"url": "http://testserver/ui/"}'


def made_link(guarded: Dashboard) -> str:
    secret = guarded.token(policies=MANAGEMENT)
    answer = guarded.client.post("/ui/link", headers={"X-Consul-Token": secret})
    url: str = answer.json()["url"]
    assert secret not in url
    return url.removeprefix("http://testserver")


def test_link_that_a_person_opens_logs_in_at_once_and_once(guarded: Dashboard) -> None:
    link = made_link(guarded)
    assert place(guarded.get(link, **BY_HAND)) == (303, "/ui/")
    assert guarded.get("/ui/").status_code == 200
    again = guarded.get(link, **BY_HAND)
    assert again.status_code == 404
    assert "This link was used already, or is older than a minute." in said(again)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {**BY_HAND, "Sec-Purpose": "prefetch;prerender"},
    ],
    ids=["preview", "led there by a page", "ahead of time"],
)
def test_link_that_nobody_opened_waits_for_a_button(
    guarded: Dashboard, headers: dict[str, str]
) -> None:
    link = made_link(guarded)
    shown = guarded.get(link, **headers)
    assert (shown.status_code, COOKIE in shown.cookies) == (200, False)
    assert "This link logs this browser in, once." in said(shown)
    assert place(guarded.post(link, {})) == (303, "/ui/")


def test_link_is_good_for_a_minute(guarded: Dashboard) -> None:
    token = guarded.callers.token(guarded.token(policies=MANAGEMENT))
    links, now = context.provided().links, datetime.now(UTC)
    code = links.made(token, now=now - timedelta(seconds=60))
    assert links.used(code, mesh=Mesh(), now=now) is None


def test_link_needs_a_token(guarded: Dashboard) -> None:
    nobody = guarded.post("/ui/link", {})
    assert nobody.status_code == 403
    assert b"which token?" in nobody.content
    wrong = guarded.post("/ui/link", {}, **{"X-Consul-Token": "wrong"})
    assert (wrong.status_code, wrong.content) == (403, b'{"error": "ACL not found"}')


def test_form_that_is_not_from_a_page_of_ours_is_refused(guarded: Dashboard) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/ui/login", {"token": guarded.token(policies=MANAGEMENT)})
    assert answer.status_code == 403
    assert b"Reload the page and try again." in answer.content


def with_auth_method(guarded: Dashboard) -> None:
    config = JwtConfig(public_keys=(public_pem(ec_key()),), issuer="corp", audiences=("tulle",))
    method = AuthMethod(name="sso", display_name="Single sign-on", config=config)
    guarded.write(partial(auth_methods.put_method, method=method))
    rule = BindingRule(
        id="22222222-2222-4222-8222-222222222222",
        auth_method="sso",
        bind_type="service",
        bind_name="web",
    )
    guarded.write(partial(auth_methods.create_rule, rule=rule))


def test_auth_methods_are_offered_and_what_they_gave_ends_at_logout(guarded: Dashboard) -> None:
    with_auth_method(guarded)
    assert "Log in by Single sign-on" in said(guarded.get("/ui/login"))
    now = datetime.now(UTC).timestamp()
    claims = {"iss": "corp", "aud": "tulle", "iat": now, "nbf": now, "exp": now + 300}
    bearer = signed(claims, ec_key())
    before = set(guarded.store.mesh.acl.tokens)
    assert place(guarded.post("/ui/login", {"method": "sso", "bearer": bearer})) == (303, "/ui/")
    (made,) = set(guarded.store.mesh.acl.tokens) - before
    assert guarded.get("/ui/").status_code == 200
    guarded.post("/ui/logout", {})
    assert guarded.store.mesh.acl.token(made) is None


def test_proof_that_is_not_believed_is_refused_without_its_reason(guarded: Dashboard) -> None:
    with_auth_method(guarded)
    answer = guarded.post("/ui/login", {"method": "sso", "bearer": "e30.e30.e30"})
    assert answer.status_code == 403
    assert "Permission denied" in said(answer)
