"""A draft as the fields of an HTML form, and back.

The name of a field is its place: `sources.0.permissions.1.headers.0.value`. A source that is not
open is one hidden field, `sources.0`, that carries its row whole: a destination with a thousand
sources is then a form with few fields.
"""

from collections.abc import Iterable

import msgspec

from dashboard.intentions.draft import Draft, SourceRow
from meshcore.intentions.types import ServiceIntentions
from meshcore.lib.errors import InvalidError

LONGEST_NUMBER = 6  # digits

Built = dict[str, object]


class Form(msgspec.Struct, frozen=True):
    """`rows` has the numbers of the rows at a place, in the order in which they stand."""

    values: dict[str, list[str]]
    rows: dict[str, set[int]]

    def text(self, name: str) -> str:
        return self.values.get(name, [""])[0].strip()

    def has(self, name: str) -> bool:
        return name in self.values

    def places(self, name: str) -> list[str]:
        return [f"{name}.{number}" for number in sorted(self.rows.get(name, ()))]


def form_of(pairs: Iterable[tuple[str, str]]) -> Form:
    form = Form({}, {})
    for name, value in pairs:
        form.values.setdefault(name, []).append(value)
        parts = name.split(".")
        for at, part in enumerate(parts):
            if part.isdecimal() and len(part) <= LONGEST_NUMBER:
                form.rows.setdefault(".".join(parts[:at]), set()).add(int(part))
    return form


def draft_in(form: Form) -> Draft:
    """Raise InvalidError for what no form of ours sends."""
    try:
        base = form.text("base")
        draft = {
            "destination": form.text("destination"),
            "sources": [_source(form, place) for place in form.places("sources")],
            "meta": msgspec.json.decode(form.text("meta") or "{}"),
            "index": int(form.text("index") or 0),
            "base": msgspec.json.decode(base, type=ServiceIntentions) if base else None,
        }
        return msgspec.convert(draft, Draft)
    except (msgspec.MsgspecError, ValueError) as error:
        raise InvalidError(f"the form is not as this page made it: {error}") from None


def _source(form: Form, at: str) -> Built | SourceRow:
    whole = form.text(at)
    if whole:
        return msgspec.json.decode(whole, type=SourceRow)
    return {
        "name": form.text(f"{at}.name"),
        "peer": form.text(f"{at}.peer"),
        "by": form.text(f"{at}.by") or "allow",
        "permissions": [_permission(form, place) for place in form.places(f"{at}.permissions")],
        "description": form.text(f"{at}.description"),
        "is_open": True,
    }


def _permission(form: Form, at: str) -> Built:
    return {
        "action": form.text(f"{at}.action") or "allow",
        "path_test": form.text(f"{at}.path_test"),
        "path": form.text(f"{at}.path"),
        "methods": form.values.get(f"{at}.methods", []),
        "headers": [_header(form, place) for place in form.places(f"{at}.headers")],
    }


def _header(form: Form, at: str) -> Built:
    return {
        "name": form.text(f"{at}.name"),
        "test": form.text(f"{at}.test") or "exact",
        "value": form.values.get(f"{at}.value", [""])[0],  # blanks may be what is compared
        "ignore_case": form.has(f"{at}.ignore_case"),
        "is_inverted": form.has(f"{at}.is_inverted"),
    }


def whole(row: SourceRow) -> str:
    """The one hidden field of a source that is not open."""
    return msgspec.json.encode(row).decode()


def base_of(draft: Draft) -> str:
    return msgspec.json.encode(draft.base).decode() if draft.base else ""


def meta_of(draft: Draft) -> str:
    return msgspec.json.encode(draft.meta).decode() if draft.meta else ""
