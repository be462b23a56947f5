"""The bundled scripts, styles and fonts, served by the process itself.

Read once into memory, each with its hash and compressed: a page names them by that hash, so
browsers keep them for good. The usual library is a WSGI middleware that streams files from a
thread; this is one look-up.
"""

import gzip
import mimetypes
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from dashboard import shipped

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

ROOT = "/ui/static/"
FOLDER = shipped.folder("static/dist")
STAMP = FOLDER / ".built"  # touched when all of them are there
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
HASHED_NAME = re.compile(r"chunk-[A-Z0-9]{8}\.")  # as esbuild calls what several bundles share
FOREVER = "public, max-age=31536000, immutable"
# Named by the styles, without their hash: another release's would look the same.
FOR_A_MONTH = "public, max-age=2592000"
REVALIDATED = "public, no-cache"
COMPRESSED = (".css", ".js", ".json", ".map", ".svg", ".txt")


class Asset(msgspec.Struct, frozen=True):
    name: str
    version: str
    type: str
    content: bytes
    compressed: bytes | None

    @property
    def etag(self) -> str:
        return f'"{self.version}"'

    def lifetime(self, asked_version: str) -> str:
        if asked_version == self.version or HASHED_NAME.match(self.name):
            return FOREVER
        return FOR_A_MONTH if self.name.endswith(".woff2") else REVALIDATED


def read(folder: Path) -> dict[str, Asset]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {
        asset.name: asset
        for file in files
        if not file.name.startswith(".")
        for asset in [_asset(file, file.relative_to(folder).as_posix())]
    }


def _asset(file: Path, name: str) -> Asset:
    content = file.read_bytes()
    guessed = TYPES.get(file.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    smaller = gzip.compress(content, mtime=0) if file.suffix in COMPRESSED else None
    version = blake2b(content, digest_size=6).hexdigest()
    return Asset(name, version, guessed, content, smaller)


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: Headers
    body: bytes


class Loaded(msgspec.Struct):
    stamp: int = -1
    assets: Mapping[str, Asset] = {}


LOADED = Loaded()


def bundled() -> Mapping[str, Asset]:
    """Read again when the bundles were made anew: who works on them need not restart the server."""
    stamp = STAMP.stat().st_mtime_ns if STAMP.exists() else 0
    if LOADED.stamp != stamp:
        LOADED.assets = read(FOLDER) if stamp else {}
        LOADED.stamp = stamp
    return LOADED.assets


def url(name: str) -> str:
    found = bundled().get(name)
    return f"{ROOT}{name}?v={found.version}" if found else f"{ROOT}{name}"


def answer(name: str, *, query: str, if_none_match: str, accepts_gzip: bool) -> Answer:
    found = bundled().get(name)
    if found is None:
        return Answer(404, ((b"content-type", b"text/plain"),), b"no such file\n")
    headers = [
        ("cache-control", found.lifetime(query.removeprefix("v="))),
        ("etag", found.etag),
        ("vary", "accept-encoding"),
        ("x-content-type-options", "nosniff"),
    ]
    if found.etag in if_none_match:
        return Answer(304, encoded(headers), b"")
    body = found.content
    if found.compressed is not None and accepts_gzip:
        body = found.compressed
        headers.append(("content-encoding", "gzip"))
    headers += [("content-type", found.type), ("content-length", str(len(body)))]
    return Answer(200, encoded(headers), body)


def encoded(headers: Iterable[tuple[str, str]]) -> Headers:
    return tuple((name.encode(), value.encode()) for name, value in headers)


async def application(scope: Scope, _receive: Receive, send: Send) -> None:
    given = {name: value.decode("latin-1") for name, value in scope["headers"]}
    made = answer(
        scope["path"].removeprefix(ROOT),
        query=scope["query_string"].decode("latin-1"),
        if_none_match=given.get(b"if-none-match", ""),
        accepts_gzip="gzip" in given.get(b"accept-encoding", ""),
    )
    await send({"type": "http.response.start", "status": made.status, "headers": made.headers})
    body = b"" if scope["method"] == "HEAD" else made.body
    await send({"type": "http.response.body", "body": body})
