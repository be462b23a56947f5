"""What stands in a query string, understood or refused by its name."""

from datetime import datetime

from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from meshcore.lib.errors import InvalidError


def text(request: Request, name: str) -> str:
    return str(request.query_params.get(name, ""))


def required(request: Request, name: str) -> str:
    given = text(request, name)
    if not given:
        raise InvalidError(f"{name} is required: add ?{name}=...")
    return given


def number(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    given = text(request, name)
    if not given:
        return default
    if not (given.isascii() and given.isdecimal() and least <= int(given) <= most):
        raise InvalidError(f"{name} must be a number from {least} to {most}")
    return int(given)


def moment(request: Request, name: str) -> datetime | None:
    given = text(request, name)
    if not given:
        return None
    try:
        found = parse_datetime(given)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidError(f"{name} must be a moment such as 2026-01-31T12:00:00Z")
    return found
