"""`/api` as programs ask it, in process, with ACLs on and default deny."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
from django.test.client import Client

from meshcore.acl.types import GLOBAL_MANAGEMENT, Policy, Token
from meshcore.actions import acl, acl_grants
from meshcore.mesh.apply import record_of
from meshcore.mesh.types import Change, Mesh, Value
from meshcore.store.callers import Callers
from meshcore.store.store import Store
from tests.topology.meshes import NODE, change

NO_HEADERS: Mapping[str, str] = {}


class Reply(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 any JSON
        return msgspec.json.decode(self.body)


class Api(msgspec.Struct, frozen=True):
    store: Store
    callers: Callers
    alias: str

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        secret: str = "",
        headers: Mapping[str, str] = NO_HEADERS,
        client: Client | None = None,
    ) -> Reply:
        told = dict(headers)
        if secret:
            told["X-Consul-Token"] = secret
        answer = (client or Client()).generic(
            method,
            path,
            "" if body is None else msgspec.json.encode(body),
            content_type="application/json",
            headers=told,
        )
        return Reply(answer.status_code, dict(answer.headers), answer.content)

    def get(self, path: str, *, secret: str = "", **headers: str) -> Reply:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("GET", path, secret=secret, headers=told)

    def post(self, path: str, body: object, *, secret: str = "") -> Reply:
        return self.ask("POST", path, body, secret=secret)

    def token(self, *policies: str, expires_at: datetime | None = None) -> str:
        """Make a token and return its secret."""
        secret, accessor_id = str(uuid4()), str(uuid4())
        now = datetime.now(UTC)
        token = Token(
            accessor_id=accessor_id,
            secret_hash=self.callers.hashed(secret),
            sealed_secret=self.callers.sealed(secret, accessor_id=accessor_id),
            created_at=expires_at - timedelta(hours=1) if expires_at else now,
            policies=policies,
            expires_at=expires_at,
        )
        self.store.write_from_thread(partial(acl.create_token, token=token), actor="test")
        return secret

    def management(self) -> str:
        return self.token(GLOBAL_MANAGEMENT)

    def holding(self, rules: str, *, expires_at: datetime | None = None) -> str:
        """The secret of a token that these rules are all of."""
        policy = Policy(id=str(uuid4()), name=f"policy-{uuid4()}", rules=rules)
        action = partial(acl_grants.create_policy, policy=policy)
        self.store.write_from_thread(action, actor="test")
        return self.token(policy.id, expires_at=expires_at)

    def accessor_of(self, secret: str) -> str:
        return self.callers.token(secret).accessor_id

    def revoke(self, secret: str) -> None:
        action = partial(
            acl.delete_token,
            accessor_id=self.accessor_of(secret),
            now=datetime.now(UTC),
            is_forced=True,
        )
        self.store.write_from_thread(action, actor="test")

    def put(self, *groups: Iterable[Value]) -> Mesh:
        """Have these values in the mesh, as one entry of the log."""

        def action(mesh: Mesh) -> Iterable[Change]:
            for group in ([NODE], *groups):
                for value in group:
                    new = change(value)
                    record = record_of(mesh, new.topic, new.key)
                    if record is None or record.value != value:
                        yield Change(new.topic, new.key, record.value if record else None, value)

        self.store.write_from_thread(action, actor="test")
        return self.store.mesh
