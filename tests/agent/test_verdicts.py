"""What a token may do here, asked of servers and remembered while they are away."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import msgspec
import pytest

from meshcore.acl.rules import Access, Rule, RuleKind, exactly
from meshcore.agent.servers import Servers
from meshcore.agent.verdicts import Verdicts
from meshcore.client.address import Address
from meshcore.lib.errors import DeniedError, UnavailableError

WEB = exactly(RuleKind.SERVICE, "web", Access.WRITE)
DB = exactly(RuleKind.SERVICE, "db", Access.WRITE)
Answer = Callable[[str, list[dict[str, str]]], tuple[int, bytes]]


class Asked:
    """A server that says what `answer` says, and counts how often it is asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.times = 0
        self.now_s = 0.0
        self.runner = asyncio.Runner()
        self.servers = Servers([])

    def verdicts(self) -> Verdicts:
        return Verdicts(self.servers, clock=lambda: self.now_s)

    def allowed(self, verdicts: Verdicts, *rules: Rule, token: str = "one") -> list[Rule]:
        found = self.runner.run(verdicts.allowed(token, rules))
        return sorted(found, key=lambda rule: rule.segment)


@contextmanager
def server(answer: Answer) -> Iterator[Asked]:
    asked = Asked(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.times += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = asked.answer(
                self.headers.get("X-Consul-Token", ""), msgspec.json.decode(body)
            )
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: Any) -> None:  # noqa: ANN401 - as it is there
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        place = Address(text="test", host="127.0.0.1", port=listening.server_port)
        asked.servers = Servers([place])
        thread = Thread(target=listening.serve_forever)
        thread.start()
        with asked.runner:
            yield asked
            asked.servers.close()
        listening.shutdown()
        thread.join()


def of_web(_token: str, questions: list[dict[str, str]]) -> tuple[int, bytes]:
    verdicts = [question | {"Allow": question["Segment"] == "web"} for question in questions]
    return 200, msgspec.json.encode(verdicts)


def away(asked: Asked) -> None:
    def broken(_token: str, _questions: list[dict[str, str]]) -> tuple[int, bytes]:
        return 503, b"no database"

    asked.answer = broken


def test_one_answer_serves_for_half_a_minute() -> None:
    with server(of_web) as asked:
        verdicts = asked.verdicts()
        assert asked.allowed(verdicts, WEB, DB) == [WEB]
        asked.now_s = 29.0
        assert asked.allowed(verdicts, DB, WEB) == [WEB]
        assert asked.times == 1
        asked.now_s = 30.0
        asked.allowed(verdicts, WEB)
        assert asked.times == 2


def test_what_is_known_holds_while_no_server_answers_and_the_rest_is_unavailable() -> None:
    with server(of_web) as asked:
        verdicts = asked.verdicts()
        asked.allowed(verdicts, WEB)
        away(asked)
        asked.now_s = 10_000.0
        assert asked.allowed(verdicts, WEB) == [WEB]
        with pytest.raises(UnavailableError):
            asked.allowed(verdicts, DB)
        with pytest.raises(UnavailableError):
            asked.allowed(verdicts, WEB, token="two")


def test_a_token_that_is_revoked_is_forgotten() -> None:
    def unknown(_token: str, _questions: list[dict[str, str]]) -> tuple[int, bytes]:
        return 403, b"ACL not found"

    with server(of_web) as asked:
        verdicts = asked.verdicts()
        asked.allowed(verdicts, WEB)
        asked.now_s, asked.answer = 31.0, unknown
        with pytest.raises(DeniedError, match="ACL not found"):
            asked.allowed(verdicts, WEB)
        away(asked)
        with pytest.raises(UnavailableError):
            asked.allowed(verdicts, WEB)


def test_all_is_allowed_where_acls_are_off_also_in_an_outage() -> None:
    def off(_token: str, _questions: list[dict[str, str]]) -> tuple[int, bytes]:
        return 401, b"ACL support disabled"

    with server(off) as asked:
        verdicts = asked.verdicts()
        assert asked.allowed(verdicts, DB) == [DB]
        away(asked)
        asked.now_s = 10_000.0
        assert asked.allowed(verdicts, WEB, token="") == [WEB]


def test_a_refusal_says_what_is_lacking() -> None:
    with server(of_web) as asked, pytest.raises(DeniedError) as refused:
        asked.runner.run(asked.verdicts().require("one", [WEB, DB]))
    assert str(refused.value) == (
        "Permission denied: token lacks permission 'service:write' on \"db\""
    )
