"""The forms in which an answer is given: JSON, a page around it for people, and pictures."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.template.loader import render_to_string
from rest_framework.renderers import BaseRenderer

from meshcore.topology.pictures import dot, svg

# An answer holds data and nothing that runs, wherever it came from.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PICTURE_POLICY = "default-src 'none'; sandbox"

Rendering = Mapping[str, Any]  # what REST framework tells: the view, the request, the response


class Json(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Rendering | None = None,
    ) -> bytes:
        return b"" if data is None else msgspec.json.encode(data)


class Html(BaseRenderer):
    media_type = "text/html"
    format = "html"

    def render(
        self,
        data: object,
        accepted_media_type: str | None = None,
        renderer_context: Rendering | None = None,
    ) -> str:
        assert renderer_context is not None
        request, response = renderer_context["request"], renderer_context["response"]
        response["Content-Security-Policy"] = PAGE_POLICY
        document = msgspec.to_builtins(data)
        return render_to_string(
            "rest_api/answer.html",
            {
                "method": request.method,
                "address": request.get_full_path(),
                "status": f"{response.status_code} {response.reason_phrase}",
                "description": renderer_context["view"].get_view_description(),
                "endpoints": document.get("endpoints", ()) if document else (),
                "body": msgspec.json.format(msgspec.json.encode(document), indent=2).decode(),
            },
        )


class Dot(BaseRenderer):
    media_type = "text/vnd.graphviz"
    format = "dot"

    def render(
        self,
        data: Any,  # noqa: ANN401 the graph; a refusal is put into JSON (errors.py)
        accepted_media_type: str | None = None,
        renderer_context: Rendering | None = None,
    ) -> str:
        return dot(data)


class Svg(BaseRenderer):
    media_type = "image/svg+xml"
    format = "svg"

    def render(
        self,
        data: Any,  # noqa: ANN401 as above
        accepted_media_type: str | None = None,
        renderer_context: Rendering | None = None,
    ) -> str:
        assert renderer_context is not None
        renderer_context["response"]["Content-Security-Policy"] = PICTURE_POLICY
        return svg(data)


PICTURES = (Dot, Svg)
