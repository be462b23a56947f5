"""What each endpoint answers, for the OpenAPI document: schemas are those of our own types."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema

from meshcore.store import browser_logins

View = TypeVar("View", bound=Any)  # what api_view makes of a function
Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"
JSON = "application/json"
TYPES: dict[type, None] = {}


class Refusal(msgspec.Struct):
    """One sentence that names what is wrong and, where there is one, the way out."""

    error: str


def answering(
    answer: type,
    *,
    summary: str,
    asked: type | None = None,
    parameters: Sequence[OpenApiParameter] = (),
) -> Callable[[View], View]:
    """Document a view by what it answers, and by what is asked of it in the body."""

    def decorate(view: View) -> View:
        documented: View = extend_schema(
            operation_id=view.cls.__name__,
            summary=summary,
            request={JSON: reference(asked)} if asked else None,
            parameters=list(parameters),
            responses={
                (200, JSON): reference(answer),
                (400, JSON): reference(Refusal),
                (403, JSON): reference(Refusal),
            },
        )(view)
        return documented

    return decorate


def text(
    name: str, description: str, *, required: bool = False, choices: Sequence[str] = ()
) -> OpenApiParameter:
    return OpenApiParameter(
        name, str, description=description, required=required, enum=choices or None
    )


def number(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, int, description=description)


def reference(kind: type) -> Schema:
    TYPES[kind] = None
    (found,), _ = schemas_of([kind])
    return found


def schemas_of(types: Iterable[type]) -> tuple[tuple[Schema, ...], Schema]:
    return msgspec.json.schema_components(
        types, ref_template=REFERENCE, schema_hook=lambda _kind: {"description": "any JSON value"}
    )


def with_components(result: Schema, **_told: object) -> Schema:
    """Spectacular's hook: add the schemas that the endpoints refer to."""
    _, schemas = schemas_of(TYPES)
    result["components"].setdefault("schemas", {}).update(schemas)
    return result


class PresentedScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # of theirs
    """How a caller says who it is; Spectacular finds this class by its being there."""

    target_class = "meshcore.rest_api.authentication.Presented"
    name = ["token", "bearer", "login"]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
        """Any one of them will do."""
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, str]]:
        return [
            {"type": "apiKey", "in": "header", "name": "X-Consul-Token"},
            {"type": "http", "scheme": "bearer"},
            {"type": "apiKey", "in": "cookie", "name": browser_logins.COOKIE},
        ]
