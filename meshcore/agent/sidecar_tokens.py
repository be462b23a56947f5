"""With which token the Envoy of a sidecar asks for its configuration: one for its service alone."""

import logging
from pathlib import Path

from meshcore.agent.host import Host
from meshcore.agent.servers import Servers
from meshcore.agent.settings import Settings
from meshcore.client.http import UnreachableError, segment
from meshcore.lib.errors import DeniedError, MeshError
from meshcore.sidecars.files import token_file, write_private

SWITCHED_OFF = "ACL support disabled"  # Consul's words

logger = logging.getLogger(__name__)


async def token_for(
    host: Host, servers: Servers, settings: Settings, *, proxy_id: str, service: str
) -> str:
    """That of its registration, else a new one; nothing where ACLs are off.

    Envoy's admin page shows its token to every user of a machine, so the agent's own is the last
    resort.
    """
    chosen = host.tokens.get(proxy_id)
    if chosen:
        return chosen
    file = token_file(proxy_id, data_dir=settings.data_dir)
    kept = file.read_text().strip() if file.exists() else ""
    try:
        if kept and await _is_good(servers, kept, service=service):
            return kept
        return await _made(servers, settings.own_token, service=service, file=file)
    except UnreachableError:
        if kept:
            return kept
        raise
    except DeniedError as refusal:
        if SWITCHED_OFF in str(refusal):
            return ""
        logger.warning(
            "the Envoy of %s gets the agent's token: %s; give the agent's token acl:write, or the"
            " service a token of its own",
            proxy_id,
            refusal,
        )
        return settings.default_token or settings.own_token


async def revoke(servers: Servers, settings: Settings, *, proxy_id: str) -> None:
    """The one that was made for it, once its service is gone; in an outage it stays for later.

    Later is when the service comes back: the token is used again then.
    """
    file = token_file(proxy_id, data_dir=settings.data_dir)
    if not file.exists():
        return
    secret = file.read_text().strip()
    try:
        found = await servers.ask("GET", "/v1/acl/token/self", token=secret)
        accessor = segment(found["AccessorID"])
        await servers.ask("DELETE", f"/v1/acl/token/{accessor}", token=settings.own_token)
    except UnreachableError as error:
        logger.warning("the token of %s is not revoked: %s", proxy_id, error)
        return
    except MeshError as refusal:
        logger.warning("the token of %s is not revoked: %s", proxy_id, refusal)
    file.unlink(missing_ok=True)


async def _made(servers: Servers, own_token: str, *, service: str, file: Path) -> str:
    body = {
        "Description": f"sidecar of {service}",
        "ServiceIdentities": [{"ServiceName": service}],
    }
    secret: str = (await servers.ask("PUT", "/v1/acl/token", token=own_token, body=body))[
        "SecretID"
    ]
    write_private(file, f"{secret}\n")
    return secret


async def _is_good(servers: Servers, token: str, *, service: str) -> bool:
    try:
        found = await servers.ask("GET", "/v1/acl/token/self", token=token)
    except UnreachableError:
        raise
    except MeshError as refusal:
        if SWITCHED_OFF in str(refusal):
            raise
        return False
    return any(each["ServiceName"] == service for each in found.get("ServiceIdentities") or ())
