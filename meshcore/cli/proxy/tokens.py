"""The token that an Envoy gets: one for its own service alone, where nobody has chosen another."""

import os
from pathlib import Path

from meshcore.client.bootstrap_token import bootstrap_token
from meshcore.client.http import Client
from meshcore.lib.errors import DeniedError
from meshcore.sidecars.files import token_file, write_private

SWITCHED_OFF = "ACL support disabled"  # Consul's words


def token_for_envoy(client: Client, *, proxy_id: str, service: str) -> str:
    """Never the bootstrap token: Envoy's admin page shows its token to every user of a machine."""
    if not client.token or client.token != bootstrap_token(client.place, os.environ):
        return client.token
    return kept_or_made(client, service=service, file=token_file(proxy_id))


def kept_or_made(client: Client, *, service: str, file: Path) -> str:
    """The token in the file while it is good, else a new one; nothing where ACLs are off."""
    kept = file.read_text().strip() if file.exists() else ""
    try:
        if kept and is_good(client, kept, service=service):
            return kept
        identity = {"ServiceName": service}
        body = {"Description": f"sidecar of {service}", "ServiceIdentities": [identity]}
        secret: str = client.put("/v1/acl/token", body)["SecretID"]
    except DeniedError as refusal:
        if SWITCHED_OFF in str(refusal):
            return ""
        raise
    write_private(file, f"{secret}\n")
    return secret


def is_good(client: Client, token: str, *, service: str) -> bool:
    try:
        found = client.using(token).get("/v1/acl/token/self")
    except DeniedError as refusal:
        if SWITCHED_OFF in str(refusal):
            raise
        return False
    return any(each["ServiceName"] == service for each in found.get("ServiceIdentities") or ())
