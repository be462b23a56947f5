"""The agent's HTTP API: what is of this host, and on to a server with all the rest."""

import logging
from collections.abc import Mapping

from meshcore.agent import checks_api, health_api, metrics, self_api, services_api
from meshcore.agent.local import Local
from meshcore.agent.names import is_ours
from meshcore.agent.passing_on import pass_on
from meshcore.agent.requests import (
    Receive,
    Scope,
    Send,
    refused,
    request_of,
    send_content,
)
from meshcore.agent.routes import Endpoint, find
from meshcore.lib.errors import MeshError
from meshcore.wire.errors import Refusal, refusal

ENDPOINTS: Mapping[tuple[str, str], Endpoint] = {
    ("GET", "/v1/agent/self"): self_api.self_,
    ("GET", "/v1/agent/metrics"): metrics.metrics,
    ("PUT", "/v1/agent/maintenance"): self_api.maintenance,
    ("GET", "/v1/agent/services"): services_api.services,
    ("PUT", "/v1/agent/service/register"): services_api.register,
    ("PUT", "/v1/agent/service/deregister/"): services_api.deregister,
    ("PUT", "/v1/agent/service/maintenance/"): services_api.maintenance,
    ("GET", "/v1/agent/service/"): services_api.service,
    ("GET", "/v1/agent/health/service/id/"): health_api.by_id,
    ("GET", "/v1/agent/health/service/name/"): health_api.by_name,
    ("GET", "/v1/agent/checks"): checks_api.checks,
    ("PUT", "/v1/agent/check/register"): checks_api.register,
    ("PUT", "/v1/agent/check/deregister/"): checks_api.deregister,
    ("PUT", "/v1/agent/check/update/"): checks_api.update,
    ("PUT", "/v1/agent/check/pass/"): checks_api.told("passing"),
    ("PUT", "/v1/agent/check/warn/"): checks_api.told("warning"),
    ("PUT", "/v1/agent/check/fail/"): checks_api.told("critical"),
}
PASSED_ON = ("/v1/", "/api/")
NOT_OURS = "this agent listens for its own host: ask it by an address, or as localhost"
OF_A_PAGE = "a request of a page in a browser needs a token of its own here"
NOTHING_HERE = "this is an agent: it answers /v1, and has no pages; a server has them at /ui/"

logger = logging.getLogger(__name__)


class App:
    def __init__(self, local: Local) -> None:
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            await self._answer(scope, receive, send)
        except (MeshError, Refusal) as error:
            await send_content(send, refused(refusal(error)))
        except Exception:  # the outermost frame of a request: the client is to be told something
            logger.exception("%s %s failed", scope["method"], scope["path"])
            await send_content(send, refused(Refusal(500, "Internal Server Error")))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        local = self._local
        request = await request_of(scope, receive)
        if not is_ours(request.header(b"host"), listens_on=local.settings.http_listen_addr):
            raise Refusal(403, NOT_OURS)
        if request.header(b"origin") and not request.secret and local.settings.default_token:
            raise Refusal(403, OF_A_PAGE)  # a page that somebody else has written borrows no token
        found = find(ENDPOINTS, method=request.method, path=request.path)
        if found is not None:
            asked = request.of(found.suffix)
            await send_content(send, await found.endpoint(local, asked))
        elif request.path.startswith(PASSED_ON):
            token = local.settings.default_token
            await pass_on(request, local.servers, receive, send, default_token=token)
        else:
            raise Refusal(404, NOTHING_HERE)
