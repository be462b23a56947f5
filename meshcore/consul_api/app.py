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
from prometheus_client import Counter

from meshcore.consul_api import (
    acl,
    acl_auth_methods,
    acl_binding_rules,
    acl_logins,
    acl_policies,
    acl_roles,
    acl_templated_policies,
    acl_tokens,
    agent,
    agent_certificates,
    agent_checks,
    agent_metrics,
    agent_services,
    blocking,
    catalog,
    config,
    connect_ca,
    connect_ca_configuration,
    debugging,
    health,
    intentions,
    node_heartbeats,
    requests,
    snapshot,
    status,
)
from meshcore.consul_api.answers import Answers, content_hash, late
from meshcore.consul_api.context import Context
from meshcore.consul_api.questions import (
    Question,
    Words,
    requested,
    secret_of,
    understood,
)
from meshcore.consul_api.requests import Header, Receive, Scope, Send
from meshcore.consul_api.responses import (
    TEXT,
    Answer,
    Content,
    refused,
    send_answer,
    send_content,
)
from meshcore.consul_api.routes import Route, Routes
from meshcore.consul_api.waiting import Waiting
from meshcore.lib.errors import MeshError
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.store.callers import Caller
from meshcore.wire.errors import Refusal, refusal

logger = logging.getLogger(__name__)

ROUTES: Routes = {
    **acl.ROUTES,
    **acl_auth_methods.ROUTES,
    **acl_binding_rules.ROUTES,
    **acl_logins.ROUTES,
    **acl_policies.ROUTES,
    **acl_roles.ROUTES,
    **acl_templated_policies.ROUTES,
    **acl_tokens.ROUTES,
    **agent.ROUTES,
    **agent_checks.ROUTES,
    **agent_services.ROUTES,
    **catalog.ROUTES,
    **config.ROUTES,
    **agent_certificates.ROUTES,
    **agent_metrics.ROUTES,
    **connect_ca.ROUTES,
    **connect_ca_configuration.ROUTES,
    **debugging.ROUTES,
    **health.ROUTES,
    **snapshot.ROUTES,
    **intentions.ROUTES,
    **node_heartbeats.ROUTES,
    **status.ROUTES,
}
KEPT_QUESTIONS = 8192
FAILURES = Counter("tulle_http_failures", "Requests to /v1 that failed by an error of Tulle's.")


class Api:
    """The application with the questions and answers that it keeps."""

    def __init__(self, context: Context, routes: Mapping[str, Route]) -> None:
        self.context = context
        self.routes = routes
        self.questions: dict[Words, Question] = {}
        callers = context.callers
        policy = b"allow" if callers.default_allow or not callers.is_enabled else b"deny"
        self.common: tuple[Header, ...] = ((b"x-consul-default-acl-policy", policy),)
        self.answers = Answers(self.common)
        self.waiting = Waiting(context.most_waiting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = requests.relevant(scope["headers"])
        words = (scope["path"], scope["query_string"], headers)
        try:
            question = self.kept_question(words) if scope["method"] == "GET" else None
            if question is None:
                question = await self.ask_or_call(scope, words, receive, send)
            if question is not None:
                await self.reply(question, receive, send)
        except (MeshError, Refusal) as error:
            await send_content(send, refused(refusal(error)), self.common)
        except Exception:  # the outermost loop of the door: one request must not end it
            FAILURES.inc()
            logger.exception("%s %s failed", scope["method"], scope["path"])
            text = Content(body=b"Internal server error", status=500, content_type=TEXT)
            await send_content(send, text, self.common)

    def kept_question(self, words: Words) -> Question | None:
        """The question if it was asked before, by the same caller with the same rights."""
        question = self.questions.get(words)
        if question is None:
            return None
        caller = self.context.callers.caller(question.secret)
        return question if is_same(caller, question.request.caller) else None

    async def ask_or_call(
        self, scope: Scope, words: Words, receive: Receive, send: Send
    ) -> Question | None:
        """Understand a read, or do what is no read and answer it."""
        requests.check_target(scope)
        request, route = requested(self.context, self.routes, scope, words)
        requests.check_shared(request, datacenter=self.context.datacenter)
        if request.method == "GET" and route.reads is not None:
            question = understood(self.context, request, route)
            if not question.index and not question.hash:
                self.keep(words, question)
            return question
        if route.admits is not None:
            route.admits(request)
        body = await requests.body_of(receive, most=route.most_body)
        # Whoever sends a body slowly may have lost the right meanwhile.
        caller = self.context.callers.caller(secret_of(route, request.params, request.headers))
        request = msgspec.structs.replace(request, body=body, caller=caller)
        content = await route.calls[request.method](self.context, request)
        await send_content(send, content, self.common)
        return None

    def rechecked(self, question: Question, mesh: Mesh) -> Question:
        """The same question of a caller who may have other rights by now, or none."""
        caller = self.context.callers.caller(question.secret, mesh=mesh)
        if is_same(caller, question.request.caller):
            return question
        request = msgspec.structs.replace(question.request, caller=caller)
        return understood(self.context, request, self.routes[request.route])

    def keep(self, words: Words, question: Question) -> None:
        if len(self.questions) >= KEPT_QUESTIONS:
            self.questions.clear()
        self.questions[words] = question

    async def reply(self, question: Question, receive: Receive, send: Send) -> None:
        store = self.context.store
        if self.must_catch_up(question):
            question = self.rechecked(question, await store.up_to_date())
        if question.reading.prepare is not None:
            await question.reading.prepare()
        mesh = store.mesh
        if not question.index and not question.hash:
            await self.send(send, self.answer_from(mesh, question))
            return
        waited = await self.waited(mesh, question, receive)
        if waited is not None:
            await self.send(send, waited)

    async def send(self, send: Send, ready: Answer) -> None:
        age_s = self.context.store.age_s
        await send_answer(send, late(ready, age_s=age_s) if age_s else ready)

    def must_catch_up(self, question: Question) -> bool:
        """Also for a client that another server has told more: its index would go backwards."""
        store = self.context.store
        return (
            question.is_consistent
            or question.index > store.mesh.index
            or blocking.is_too_old(store.age_s, max_stale_s=question.max_stale_s)
        )

    def watch_keys(self, question: Question) -> tuple[WatchKey, ...]:
        """What may change the answer: what it shows, and what the caller may be shown."""
        caller_keys = self.context.callers.watch_keys(question.request.caller)
        return (*question.reading.watch_keys, *caller_keys)

    def answer_from(self, mesh: Mesh, question: Question) -> Answer:
        # Who waits is told of changes to the rights too, so its index has to be beyond them. For
        # the others it is that of the data, so that all who have the same rights share one answer.
        keys = self.watch_keys(question) if question.index else question.reading.watch_keys
        return self.answers.at(mesh, question, keys)

    async def waited(self, mesh: Mesh, question: Question, receive: Receive) -> Answer | None:
        """The answer once it is due; None when the client has gone meanwhile."""
        keys = self.watch_keys(question)
        asked = question.index or mesh.touched_at(keys)
        ready = self.answer_from(mesh, question)
        if question.index and not blocking.must_wait(mesh, keys, asked=asked):
            return ready
        if question.hash and question.hash != content_hash(ready):
            return ready
        with self.waiting.one_of(question.request.client):
            return await self.news(question, receive, after=asked)

    async def news(self, question: Question, receive: Receive, *, after: int) -> Answer | None:
        """What is to be told next: a change, other rights, or after the time the same again."""
        keys, asked = self.watch_keys(question), after
        loop = asyncio.get_running_loop()
        chance = random.random()  # noqa: S311 - spreads load, guards nothing
        until_s = loop.time() + blocking.with_jitter(question.wait_s, chance=chance)
        waiter = asyncio.current_task()
        assert waiter is not None
        gone = loop.create_task(_disconnected(receive))
        gone.add_done_callback(lambda done: None if done.cancelled() else waiter.cancel())
        try:
            while True:
                caller = question.request.caller
                left_s = min(until_s - loop.time(), self.context.callers.remaining_s(caller))
                mesh = await self.context.store.changed(keys, after=asked, timeout_s=left_s)
                again = self.rechecked(question, mesh)
                has_other_rights, question = again is not question, again
                if question.reading.prepare is not None:  # what was there may be so no more
                    await question.reading.prepare()
                    mesh = self.context.store.mesh
                ready = self.answer_from(mesh, question)
                is_over = has_other_rights or loop.time() >= until_s
                if is_over or _is_news(ready, mesh, question, after=asked):
                    return ready
                asked = max(asked, mesh.touched_at(keys))
        except asyncio.CancelledError:
            if gone.done() and not gone.cancelled():
                waiter.uncancel()
                return None
            raise
        finally:
            gone.cancel()


def is_same(caller: Caller, before: Caller) -> bool:
    return caller.authorizer is before.authorizer and caller.accessor_id == before.accessor_id


def create(context: Context) -> Api:
    return Api(context, ROUTES)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _is_news(ready: Answer, mesh: Mesh, question: Question, *, after: int) -> bool:
    if question.hash:
        return content_hash(ready) != question.hash
    return mesh.touched_at(question.reading.watch_keys) > after
