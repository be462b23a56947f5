"""Consul's HTTP API as a plain ASGI application.

A read is a question to the mesh (routes.Reading). Its bytes are made once and sent to everybody
who asks the same until a change touches what the answer depends on; the way from a request to
bytes that are there is one look-up.
"""

import asyncio
import logging
import random
from collections.abc import Mapping

import msgspec

from meshcore.consul_api import (
    agent,
    agent_checks,
    agent_services,
    blocking,
    catalog,
    config,
    connect_ca,
    health,
    intentions,
    requests,
    status,
)
from meshcore.consul_api.authorization import authorize
from meshcore.consul_api.context import Context
from meshcore.consul_api.errors import Refusal, refusal
from meshcore.consul_api.requests import Header, Receive, Request, Scope, Send
from meshcore.consul_api.responses import (
    TEXT,
    Answer,
    Content,
    answer,
    json_content,
    refused,
    send_answer,
    send_content,
)
from meshcore.consul_api.routes import Reading, Route, Routes, find
from meshcore.lib.errors import MeshError
from meshcore.mesh.types import Mesh

logger = logging.getLogger(__name__)

ROUTES: Routes = {
    **agent.ROUTES,
    **agent_checks.ROUTES,
    **agent_services.ROUTES,
    **catalog.ROUTES,
    **config.ROUTES,
    **connect_ca.ROUTES,
    **health.ROUTES,
    **intentions.ROUTES,
    **status.ROUTES,
}
KEPT_QUESTIONS = 8192
KEPT_BYTES = 64 * 1024 * 1024  # of answers, counting those that were replaced meanwhile
# What says when and how to answer, but not what: such parameters do not part the kept answers.
ABOUT_WAITING = frozenset(
    ("index", "wait", "stale", "consistent", "cached", "max_stale", "token", "hash")
)

AnswerKey = tuple[object, ...]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A read, understood: asked again in the same words, it is not parsed again."""

    reading: Reading
    key: AnswerKey
    index: int
    wait_s: float
    hash: str
    is_consistent: bool
    is_pretty: bool
    takes_gzip: bool


class Api:
    """The application with the questions and answers that it keeps."""

    def __init__(self, context: Context, routes: Mapping[str, Route]) -> None:
        self.context = context
        self.routes = routes
        self.questions: dict[tuple[object, ...], Question] = {}
        self.answers: dict[AnswerKey, Answer] = {}
        self.kept_bytes = 0
        policy = b"allow" if context.default_allow else b"deny"
        self.common: tuple[Header, ...] = ((b"x-consul-default-acl-policy", policy),)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = requests.relevant(scope["headers"])
        words = (scope["path"], scope["query_string"], headers)
        question = self.questions.get(words) if scope["method"] == "GET" else None
        try:
            if question is None:
                question = await self.ask_or_call(scope, words, receive, send)
            if question is not None:
                await self.reply(question, receive, send)
        except (MeshError, Refusal) as error:
            await send_content(send, refused(refusal(error)), self.common)
        except Exception:  # the outermost loop of the door: one request must not end it
            logger.exception("%s %s failed", scope["method"], scope["path"])
            text = Content(body=b"Internal server error", status=500, content_type=TEXT)
            await send_content(send, text, self.common)

    async def ask_or_call(
        self,
        scope: Scope,
        words: tuple[str, bytes, tuple[Header, ...]],
        receive: Receive,
        send: Send,
    ) -> Question | None:
        """Understand a read, or do what is no read and answer it."""
        request, route = requested(self.routes, scope, words)
        requests.check_shared(request, datacenter=self.context.datacenter)
        rights = authorize(self.context, request)
        if request.method == "GET" and route.reads is not None:
            question = understood(request, route.reads(self.context, request), rights)
            if not question.index and not question.hash:
                self.keep(words, question)
            return question
        request = msgspec.structs.replace(request, body=await requests.body_of(receive))
        content = await route.calls[request.method](self.context, request)
        await send_content(send, content, self.common)
        return None

    def keep(self, words: tuple[object, ...], question: Question) -> None:
        if len(self.questions) >= KEPT_QUESTIONS:
            self.questions.clear()
        self.questions[words] = question

    async def reply(self, question: Question, receive: Receive, send: Send) -> None:
        store = self.context.store
        if question.reading.prepare is not None:
            await question.reading.prepare()
        mesh = await store.up_to_date() if question.is_consistent else store.mesh
        if not question.index and not question.hash:
            await send_answer(send, self.answer_from(mesh, question))
            return
        waited = await self.waited(mesh, question, receive)
        if waited is not None:
            await send_answer(send, waited)

    def answer_from(self, mesh: Mesh, question: Question) -> Answer:
        reading = question.reading
        shown = blocking.shown_index(mesh, reading.watch_keys, asked=question.index)
        kept = self.answers.get(question.key)
        if kept is not None and kept.touched == shown and reading.is_kept:
            return kept
        ready = answer(
            _content(reading, mesh, is_pretty=question.is_pretty),
            touched=shown,
            common=self.common + (_metadata(shown) if reading.is_blocking else ()),
            takes_gzip=question.takes_gzip,
        )
        self.kept_bytes += len(ready.body["body"])
        if len(self.answers) >= KEPT_QUESTIONS or self.kept_bytes > KEPT_BYTES:
            self.answers.clear()
            self.kept_bytes = len(ready.body["body"])
        self.answers[question.key] = ready
        return ready

    async def waited(self, mesh: Mesh, question: Question, receive: Receive) -> Answer | None:
        """The answer once it is due; None when the client has gone meanwhile."""
        keys = question.reading.watch_keys
        asked = question.index or mesh.touched_at(keys)
        ready = self.answer_from(mesh, question)
        if question.index and not blocking.must_wait(mesh, keys, asked=asked):
            return ready
        if question.hash and question.hash != _hash(ready):
            return ready
        loop = asyncio.get_running_loop()
        chance = random.random()  # noqa: S311 - spreads load, guards nothing
        until_s = loop.time() + blocking.with_jitter(question.wait_s, chance=chance)
        waiter = asyncio.current_task()
        assert waiter is not None
        gone = loop.create_task(_disconnected(receive))
        gone.add_done_callback(lambda done: None if done.cancelled() else waiter.cancel())
        try:
            while True:
                left_s = until_s - loop.time()
                mesh = await self.context.store.changed(keys, after=asked, timeout_s=left_s)
                ready = self.answer_from(mesh, question)
                if not question.hash or _hash(ready) != question.hash or left_s <= 0:
                    return ready
                asked = max(asked, mesh.touched_at(keys))
        except asyncio.CancelledError:
            if gone.done() and not gone.cancelled():
                waiter.uncancel()
                return None
            raise
        finally:
            gone.cancel()


def requested(
    routes: Mapping[str, Route], scope: Scope, words: tuple[str, bytes, tuple[Header, ...]]
) -> tuple[Request, Route]:
    """Find who is to answer; refuse what nobody does, and answer OPTIONS right away."""
    requests.check_target(scope)
    path, query, headers = words
    found = find(routes, path)
    if found is None:
        raise Refusal(404, _unknown_path(path))
    prefix, route = found
    method = "GET" if scope["method"] == "HEAD" and route.reads else scope["method"]
    allow = (b"allow", ",".join(("OPTIONS", *route.methods)).encode())
    if method == "OPTIONS":
        raise Refusal(200, "", (allow,))
    if method not in route.methods:
        raise Refusal(405, f"method {method} not allowed", (allow,))
    request = Request(
        method=method,
        route=prefix,
        suffix=path[len(prefix) :],
        params=requests.parsed_params(query) if query else {},
        headers=dict(headers),
    )
    return request, route


def understood(request: Request, reading: Reading, scope: tuple[str, ...]) -> Question:
    is_pretty = request.has("pretty")
    takes_gzip = b"gzip" in request.headers.get(b"accept-encoding", b"")
    what = sorted(
        (name, tuple(values))
        for name, values in request.params.items()
        if name not in ABOUT_WAITING
    )
    accept = request.headers.get(b"accept", b"")
    return Question(
        reading=reading,
        key=(scope, request.route, request.suffix, tuple(what), accept, takes_gzip),
        index=blocking.asked_index(request) if reading.is_blocking else 0,
        wait_s=blocking.asked_wait_s(
            request,
            default_s=blocking.MAX_WAIT_S if reading.is_hashed else blocking.DEFAULT_WAIT_S,
        ),
        hash=request.param("hash") if reading.is_hashed else "",
        is_consistent=request.has("consistent"),
        is_pretty=is_pretty,
        takes_gzip=takes_gzip,
    )


def create(context: Context) -> Api:
    return Api(context, ROUTES)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _content(reading: Reading, mesh: Mesh, *, is_pretty: bool) -> Content:
    try:
        value = reading.answer(mesh)
    except (MeshError, Refusal) as error:
        return refused(refusal(error))
    if isinstance(value, Content):
        return value
    return json_content(value, is_pretty=is_pretty)


def _metadata(index: int) -> tuple[Header, ...]:
    return (
        (b"x-consul-index", str(index).encode()),
        (b"x-consul-knownleader", b"true"),
        (b"x-consul-lastcontact", b"0"),
        (b"x-consul-effective-consistency", b"leader"),
        (b"x-consul-query-backend", b"blocking-query"),
    )


def _hash(ready: Answer) -> str:
    headers: list[Header] = ready.start["headers"]
    return next((v.decode() for k, v in headers if k == b"x-consul-contenthash"), "")


def _unknown_path(path: str) -> str:
    if "/v1/" in path:
        return "Invalid URL path: not a recognized HTTP API endpoint"
    return "Invalid URL path: if attempting to use the HTTP API, ensure the path starts with '/v1/'"
