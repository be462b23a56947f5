"""Every endpoint of /v1 with what it takes to be let in: the table that test_acl_doors.py walks.

On the server that it walks, web runs on node-1 with a sidecar, and api on node-2. There are TTL
checks, `alive` of web and `disk` of node-1; intentions among web, api and db; service-defaults of
web and api.
"""

import msgspec

UNKNOWN = "cccccccc-0000-4000-8000-000000000001"
BOOTSTRAPPED = "Permission denied: ACL bootstrap no longer allowed (reset index: 2)"
NO_METHOD = 'ACL not found: auth method "corp" not found'
NO_LOGIN = "Permission denied: only a token that was made by a login can log out"
NODE = {"Node": "node-1", "Address": "127.0.0.1"}
REGISTRATION = {"Node": "node-9", "Address": "10.0.0.9", "SkipNodeUpdate": True}
DEFAULTS = {"Kind": "service-defaults", "Name": "web", "Protocol": "http"}
QUESTIONS = [{"Resource": "acl", "Access": "read"}]
ENDS = "?source=web&destination=api"


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """`route` as the application has it, `rest` what a request puts behind it."""

    method: str
    route: str
    rest: str = ""
    body: object = None
    needs: tuple[str, ...] = ()  # `kind:access name`
    is_open: bool = False  # to everybody, be the token good or bad
    is_list: bool = False  # shortened for who may not see all of it, and refused to nobody
    answer: str = "200"  # for who is let in; of a list, whether it is told that there is more
    nobody: str = ""  # for who has no token, where that is not what it says of all tokens


def door(
    request: str, *needs: str, rest: str = "", body: object = None, answer: str = "200"
) -> Door:
    method, route = request.split()
    return Door(method=method, route=route, rest=rest, body=body, needs=needs, answer=answer)


def rows(request: str, *needs: str, rest: str = "", answer: str = "rows of more") -> Door:
    method, route = request.split()
    return Door(method=method, route=route, rest=rest, needs=needs, is_list=True, answer=answer)


def unlocked(request: str, *, body: object = None, answer: str = "200") -> Door:
    method, route = request.split()
    return Door(method=method, route=route, body=body, is_open=True, answer=answer)


def own(request: str, *, body: object = None, nobody: str, answer: str = "200") -> Door:
    """About the token itself, whatever it may do."""
    method, route = request.split()
    return Door(method=method, route=route, body=body, nobody=nobody, answer=answer)


ACL_DOORS = (
    unlocked("PUT /v1/acl/bootstrap", answer=BOOTSTRAPPED),
    unlocked("POST /v1/acl/login", body={"AuthMethod": "corp"}, answer=NO_METHOD),
    unlocked("GET /v1/acl/replication"),
    own("POST /v1/internal/acl/authorize", body=QUESTIONS, nobody="200"),
    own("GET /v1/acl/token/self", nobody="404"),
    own("POST /v1/acl/logout", nobody="ACL not found", answer=NO_LOGIN),
    door("GET /v1/acl/tokens", "acl:read"),
    door("PUT /v1/acl/token", "acl:write", body={"Description": "new"}),
    door("GET /v1/acl/token/", "acl:read", rest=UNKNOWN, answer="404"),
    door(
        "PUT /v1/acl/token/", "acl:write", rest=UNKNOWN, body={"Description": "new"}, answer="404"
    ),
    door("DELETE /v1/acl/token/", "acl:write", rest=UNKNOWN, answer="404"),
    door("GET /v1/acl/policies", "acl:read"),
    door("PUT /v1/acl/policy", "acl:write", body={"Name": "new"}),
    door("GET /v1/acl/policy/", "acl:read", rest=UNKNOWN, answer="404"),
    door("PUT /v1/acl/policy/", "acl:write", rest=UNKNOWN, body={"Name": "new"}, answer="404"),
    door("DELETE /v1/acl/policy/", "acl:write", rest=UNKNOWN, answer="404"),
    door("GET /v1/acl/policy/name/", "acl:read", rest="global-management"),
    door("GET /v1/acl/roles", "acl:read"),
    door("PUT /v1/acl/role", "acl:write", body={"Name": "new"}),
    door("GET /v1/acl/role/", "acl:read", rest=UNKNOWN, answer="404"),
    door("PUT /v1/acl/role/", "acl:write", rest=UNKNOWN, body={"Name": "new"}, answer="404"),
    door("DELETE /v1/acl/role/", "acl:write", rest=UNKNOWN, answer="404"),
    door("GET /v1/acl/role/name/", "acl:read", rest="readers", answer="404"),
    door("GET /v1/acl/templated-policies", "acl:read"),
    door("GET /v1/acl/templated-policy/name/", "acl:read", rest="builtin/dns"),
    door("POST /v1/acl/templated-policy/preview/", "acl:read", rest="builtin/dns", body={}),
    door("GET /v1/acl/auth-methods", "acl:read"),
    door("PUT /v1/acl/auth-method", "acl:write", body={}, answer="400"),
    door("GET /v1/acl/auth-method/", "acl:read", rest="corp", answer="404"),
    door("PUT /v1/acl/auth-method/", "acl:write", rest="corp", body={}, answer="400"),
    door("DELETE /v1/acl/auth-method/", "acl:write", rest="corp"),
    door("GET /v1/acl/binding-rules", "acl:read"),
    door("PUT /v1/acl/binding-rule", "acl:write", body={}, answer="400"),
    door("GET /v1/acl/binding-rule/", "acl:read", rest=UNKNOWN, answer="404"),
    door("PUT /v1/acl/binding-rule/", "acl:write", rest=UNKNOWN, body={}, answer="400"),
    door("DELETE /v1/acl/binding-rule/", "acl:write", rest=UNKNOWN),
)

AGENT_DOORS = (
    door("GET /v1/agent/self", "agent:read node-1"),
    door("GET /v1/internal/debug", "operator:read"),
    door("GET /v1/agent/metrics", "agent:read node-1"),
    door("GET /v1/agent/metrics/certificates", "agent:read node-1"),
    door("PUT /v1/agent/maintenance", "node:write node-1", rest="?enable=true"),
    door("PUT /v1/internal/node/heartbeat", "node:write node-2", body={"Node": "node-2"}),
    rows("GET /v1/agent/checks", "node:read node-1", "service:read web"),
    door("PUT /v1/agent/check/register", "node:write node-1", body={"Name": "new", "TTL": "9s"}),
    door(
        "PUT /v1/agent/check/register",
        "service:write web",
        body={"Name": "new", "TTL": "9s", "ServiceID": "web"},
    ),
    door("PUT /v1/agent/check/deregister/", "service:write web", rest="alive"),
    door("PUT /v1/agent/check/deregister/", "node:write node-1", rest="disk"),
    door(
        "PUT /v1/agent/check/update/",
        "service:write web",
        rest="alive",
        body={"Status": "passing"},
    ),
    door("PUT /v1/agent/check/pass/", "service:write web", rest="alive"),
    door("PUT /v1/agent/check/warn/", "service:write web", rest="alive"),
    door("PUT /v1/agent/check/fail/", "service:write web", rest="alive"),
    door("PUT /v1/agent/check/fail/", "node:write node-1", rest="disk"),
    rows("GET /v1/agent/services", "service:read web"),
    door("GET /v1/agent/service/", "service:read web", rest="web"),
    door("PUT /v1/agent/service/register", "service:write web", body={"Name": "web"}),
    door(
        "PUT /v1/agent/service/register",
        "service:write web",
        "service:write web-sidecar-proxy",
        body={"Name": "web", "Connect": {"SidecarService": {}}},
    ),
    door("PUT /v1/agent/service/deregister/", "service:write web", rest="web"),
    door("PUT /v1/agent/service/maintenance/", "service:write web", rest="web?enable=true"),
    door("GET /v1/agent/health/service/id/", "service:read web", rest="web", answer="503"),
    door("GET /v1/agent/health/service/name/", "service:read web", rest="web", answer="503"),
    unlocked("GET /v1/agent/connect/ca/roots"),
    door("GET /v1/agent/connect/ca/leaf/", "service:write web", rest="web"),
)

CATALOG_DOORS = (
    unlocked("GET /v1/status/leader"),
    unlocked("GET /v1/status/peers"),
    unlocked("GET /v1/catalog/datacenters"),
    door("PUT /v1/catalog/register", "node:write node-9", body=REGISTRATION),
    door(
        "PUT /v1/catalog/register",
        "service:write web",
        body=NODE | {"SkipNodeUpdate": True, "Service": {"Service": "web"}},
    ),
    door("PUT /v1/catalog/deregister", "node:write node-1", body={"Node": "node-1"}),
    rows("GET /v1/catalog/nodes", "node:read node-1"),
    rows("GET /v1/catalog/services", "service:read web"),
    rows(
        "GET /v1/catalog/service/",
        "node:read node-1",
        "service:read web",
        rest="web",
        answer="rows",
    ),
    rows(
        "GET /v1/catalog/connect/",
        "node:read node-1",
        "service:read web",
        "service:read web-sidecar-proxy",
        rest="web",
        answer="rows",
    ),
    rows("GET /v1/catalog/node/", "node:read node-1", rest="node-1"),
    rows("GET /v1/catalog/node-services/", "node:read node-1", rest="node-1"),
    rows(
        "GET /v1/health/service/", "node:read node-1", "service:read web", rest="web", answer="rows"
    ),
    rows(
        "GET /v1/health/connect/",
        "node:read node-1",
        "service:read web",
        "service:read web-sidecar-proxy",
        rest="web",
        answer="rows",
    ),
    rows("GET /v1/health/node/", "node:read node-1", rest="node-1"),
    rows(
        "GET /v1/health/checks/", "node:read node-1", "service:read web", rest="web", answer="rows"
    ),
    rows("GET /v1/health/state/", "node:read node-1", rest="any"),
)

MESH_DOORS = (
    door("PUT /v1/config", "service:write web", body=DEFAULTS),
    door("PUT /v1/config", "mesh:write", body={"Kind": "proxy-defaults", "Name": "global"}),
    door(
        "PUT /v1/config",
        "intention:write api",
        body={
            "Kind": "service-intentions",
            "Name": "api",
            "Sources": [{"Name": "db", "Action": "allow"}],
        },
    ),
    door("GET /v1/config/", "service:read web", rest="service-defaults/web"),
    door("GET /v1/config/", "intention:read api", rest="service-intentions/api"),
    rows("GET /v1/config/", "service:read web", rest="service-defaults"),
    door("DELETE /v1/config/", "service:write web", rest="service-defaults/web"),
    door("DELETE /v1/config/", "mesh:write", rest="proxy-defaults/global"),
    door("DELETE /v1/config/", "intention:write api", rest="service-intentions/api"),
    unlocked("GET /v1/connect/ca/roots"),
    door("GET /v1/connect/ca/configuration", "operator:read"),
    door(
        "PUT /v1/connect/ca/configuration",
        "operator:write",
        body={"Provider": "consul", "Config": {"LeafCertTTL": "24h"}},
    ),
    rows("GET /v1/connect/intentions", "intention:read api"),
    door("GET /v1/connect/intentions/match", "intention:read api", rest="?by=source&name=api"),
    door("GET /v1/connect/intentions/check", "service:read api", rest=ENDS),
    door("GET /v1/connect/intentions/exact", "intention:read api", rest=ENDS),
    door(
        "PUT /v1/connect/intentions/exact",
        "intention:write api",
        rest=ENDS,
        body={"Action": "deny"},
    ),
    door("DELETE /v1/connect/intentions/exact", "intention:write api", rest=ENDS),
    door("GET /v1/snapshot", "acl:write", "operator:write"),
    door("PUT /v1/snapshot", "acl:write", "operator:write", body={}, answer="400"),
)

DOORS = ACL_DOORS + AGENT_DOORS + CATALOG_DOORS + MESH_DOORS
