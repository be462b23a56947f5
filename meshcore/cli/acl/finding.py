"""Which token, policy, role or rule is meant by what was typed."""

from typing import Any

from meshcore.client.http import Client, segment
from meshcore.lib.errors import InvalidError, NotFoundError

WHOLE_ID = 36


def whole_id(client: Client, typed: str, *, listed_at: str, what: str, field: str = "ID") -> str:
    """Complete the beginning of an ID, as long as it is the beginning of only one."""
    if len(typed) >= WHOLE_ID:
        return typed
    if not typed:
        raise InvalidError(f"the ID of the {what} is empty")
    found = [one[field] for one in client.get(listed_at) or () if one[field].startswith(typed)]
    if not found:
        raise NotFoundError(f"no {what} has an ID that begins with {typed}")
    if len(found) > 1:
        raise InvalidError(f"{len(found)} IDs begin with {typed}: write more of the {what}'s")
    return str(found[0])


def read_by_id(
    client: Client, whole: str, *, path: str, what: str, **params: str
) -> dict[str, Any]:
    try:
        return dict(client.get(f"{path}/{segment(whole)}", **params))
    except NotFoundError:  # in Consul's words, which name nothing
        raise NotFoundError(f"no {what} has the ID {whole}") from None


def read_by_name(client: Client, name: str, *, path: str, what: str) -> dict[str, Any]:
    try:
        return dict(client.get(f"{path}/{segment(name)}"))
    except NotFoundError:
        raise NotFoundError(f'no {what} is called "{name}"') from None


def read_named(
    client: Client, *, typed_id: str | None, name: str | None, kind: str, listed_at: str
) -> dict[str, Any]:
    """A policy or role by its ID, or by its name when there is none."""
    if typed_id is None and name is None:
        raise InvalidError(f"which {kind}? Say --id ID or --name NAME")
    if typed_id is None:
        return read_by_name(client, name or "", path=f"/v1/acl/{kind}/name", what=kind)
    found = whole_id(client, typed_id, listed_at=listed_at, what=kind)
    return read_by_id(client, found, path=f"/v1/acl/{kind}", what=kind)
