"""The answers to reads: made once for all with the same rights who ask the same, and kept.

An answer holds until a change touches what it depends on, which its index tells.
"""

import msgspec

from meshcore.consul_api import blocking
from meshcore.consul_api.questions import AnswerKey, Question
from meshcore.consul_api.requests import Header
from meshcore.consul_api.responses import Answer, Content, answer, json_content, refused
from meshcore.lib.errors import DeniedError, MeshError
from meshcore.mesh.sight import Sight
from meshcore.mesh.types import Mesh, WatchKey
from meshcore.wire.errors import Refusal, refusal

FILTERED: tuple[Header, ...] = ((b"x-consul-results-filtered-by-acls", b"true"),)
MOST_KEPT = 8192
MOST_BYTES = 64 * 1024 * 1024  # counting those that were replaced meanwhile


class Answers:
    def __init__(self, common: tuple[Header, ...]) -> None:
        self.kept: dict[AnswerKey, Answer] = {}
        self._bytes = 0
        self._common = common

    def at(self, mesh: Mesh, question: Question, keys: tuple[WatchKey, ...]) -> Answer:
        """The answer from this mesh; `keys` are those that its index is to tell of."""
        reading = question.reading
        shown = blocking.shown_index(mesh, keys, asked=question.index)
        kept = self.kept.get(question.key)
        if kept is not None and kept.touched == shown and reading.is_kept:
            return kept
        ready = answer(
            content(question, mesh),
            touched=shown,
            common=self._common + (metadata(shown) if reading.is_blocking else ()),
            takes_gzip=question.takes_gzip,
        )
        self._bytes += len(ready.body["body"])
        if len(self.kept) >= MOST_KEPT or self._bytes > MOST_BYTES:
            self.kept.clear()
            self._bytes = len(ready.body["body"])
        self.kept[question.key] = ready
        return ready


def content(question: Question, mesh: Mesh) -> Content:
    caller = question.request.caller
    sight = Sight(caller.authorizer)
    try:
        value = question.reading.answer(mesh, sight)
    except DeniedError:
        raise  # it names the token: nobody else is to be given this answer
    except (MeshError, Refusal) as error:
        return refused(refusal(error))
    if isinstance(value, Content):
        return value
    shown = json_content(value, is_pretty=question.is_pretty)
    if sight.has_hidden and caller.has_token:
        return msgspec.structs.replace(shown, headers=FILTERED)
    return shown


def metadata(index: int) -> tuple[Header, ...]:
    return (
        (b"x-consul-index", str(index).encode()),
        (b"x-consul-knownleader", b"true"),
        (b"x-consul-lastcontact", b"0"),
        (b"x-consul-effective-consistency", b"leader"),
        (b"x-consul-query-backend", b"blocking-query"),
    )


def late(ready: Answer, *, age_s: float) -> Answer:
    """The same from a server that has lost sight of the others, which says for how long."""
    told = {
        b"x-consul-knownleader": b"false",
        b"x-consul-lastcontact": b"%d" % (age_s * 1000),
        b"x-consul-effective-consistency": b"stale",
    }
    headers = [(name, told.get(name, value)) for name, value in ready.start["headers"]]
    return Answer(ready.touched, {**ready.start, "headers": headers}, ready.body)


def content_hash(ready: Answer) -> str:
    headers: list[Header] = ready.start["headers"]
    return next((v.decode() for k, v in headers if k == b"x-consul-contenthash"), "")
