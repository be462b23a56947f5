"""Whose service account token is it? Kubernetes' API server is asked, by its TokenReview."""

import logging
from typing import Any
from urllib.parse import quote

import msgspec

from meshcore.acl.binding import KubernetesClaims, ServiceAccount
from meshcore.acl.types import KubernetesConfig
from meshcore.actions.logins import LoginRefusedError
from meshcore.logins.fetching import fetched

REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
PREFIX = "system:serviceaccount:"
SERVICE_NAME = "consul.hashicorp.com/service-name"

logger = logging.getLogger(__name__)


class User(msgspec.Struct, frozen=True):
    username: str = ""
    uid: str = ""


class Status(msgspec.Struct, frozen=True):
    authenticated: bool = False
    user: User = User()
    error: str = ""


class TokenReview(msgspec.Struct, frozen=True):
    status: Status = Status()


class Metadata(msgspec.Struct, frozen=True):
    annotations: dict[str, str] = {}


class ServiceAccountObject(msgspec.Struct, frozen=True):
    metadata: Metadata = Metadata()


async def verified(config: KubernetesConfig, bearer: str, *, reviewer_jwt: str) -> KubernetesClaims:
    """Raise LoginRefusedError unless Kubernetes itself says whose token it is."""
    host = config.host.rstrip("/")
    answer = await fetched(
        host + REVIEWS,
        ca_pem=config.ca_pem,
        bearer=reviewer_jwt,
        body={
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": bearer},
        },
    )
    account = reviewed(answer)
    url = (
        f"{host}/api/v1/namespaces/{quote(account.namespace)}/serviceaccounts/{quote(account.name)}"
    )
    name = await _service_name(url, config=config, reviewer_jwt=reviewer_jwt)
    return KubernetesClaims(msgspec.structs.replace(account, name=name or account.name))


def reviewed(answer: Any) -> ServiceAccount:  # noqa: ANN401 - any JSON
    try:
        status = msgspec.convert(answer, TokenReview).status
    except msgspec.ValidationError as error:
        raise LoginRefusedError(f"Kubernetes answered no TokenReview: {error}") from error
    if not status.authenticated:
        raise LoginRefusedError(f"Kubernetes does not know the token: {status.error!r}")
    names = status.user.username.removeprefix(PREFIX).split(":")
    if not status.user.username.startswith(PREFIX) or len(names) != 2 or not all(names):
        raise LoginRefusedError(f"{status.user.username!r} is no service account")
    return ServiceAccount(namespace=names[0], name=names[1], uid=status.user.uid)


async def _service_name(url: str, *, config: KubernetesConfig, reviewer_jwt: str) -> str:
    """The name that the account's annotation gives its service.

    The account's own name is as well proved, so that a reviewer without the right to read accounts
    is enough where nothing is annotated.
    """
    try:
        answer = await fetched(url, ca_pem=config.ca_pem, bearer=reviewer_jwt)
        account = msgspec.convert(answer, ServiceAccountObject)
    except (LoginRefusedError, msgspec.ValidationError) as error:
        reason = error.reason if isinstance(error, LoginRefusedError) else str(error)
        logger.warning("the annotations of a service account cannot be read: %s", reason)
        return ""
    return account.metadata.annotations.get(SERVICE_NAME, "")
