import pytest

from tests.consul_api.calling import Consul
from tests.consul_api.shapes import NODE_ID, check

WEB = {
    "ID": "web-1",
    "Name": "web",
    "Port": 8080,
    "Address": "10.0.0.1",
    "Tags": ["v1"],
    "Meta": {"version": "1"},
    "Connect": {
        "SidecarService": {
            "Proxy": {"Upstreams": [{"DestinationName": "db", "LocalBindPort": 9001}]}
        }
    },
}
TAGGED = {name: {"Address": "10.0.0.1", "Port": 8080} for name in ("lan_ipv4", "wan_ipv4")}
WEB_1 = {
    "ID": "web-1",
    "Service": "web",
    "Tags": ["v1"],
    "Meta": {"version": "1"},
    "Port": 8080,
    "Address": "10.0.0.1",
    "TaggedAddresses": TAGGED,
    "Weights": {"Passing": 1, "Warning": 1},
    "EnableTagOverride": False,
    "Datacenter": "dc1",
}
SIDECAR = {
    "Kind": "connect-proxy",
    "ID": "web-1-sidecar-proxy",
    "Service": "web-sidecar-proxy",
    "Tags": ["v1"],
    "Meta": {"version": "1"},
    "Port": 21000,
    "Address": "10.0.0.1",
    "Weights": {"Passing": 1, "Warning": 1},
    "EnableTagOverride": False,
    "Proxy": {
        "DestinationServiceName": "web",
        "DestinationServiceID": "web-1",
        "LocalServiceAddress": "127.0.0.1",
        "LocalServicePort": 8080,
        "Mode": "",
        "Upstreams": [
            {
                "DestinationType": "service",
                "DestinationName": "db",
                "Datacenter": "",
                "LocalBindPort": 9001,
                "MeshGateway": {},
            }
        ],
        "MeshGateway": {},
        "Expose": {},
    },
    "Datacenter": "dc1",
}
OF_SIDECAR = {
    "ServiceID": "web-1-sidecar-proxy",
    "ServiceName": "web-sidecar-proxy",
    "ServiceTags": ["v1"],
}


def test_self_tells_what_clients_look_for(consul: Consul) -> None:
    described = consul.get("/v1/agent/self").json
    assert described["Config"]["Datacenter"] == "dc1"
    assert described["Config"]["NodeID"] == NODE_ID
    assert described["xDS"]["Ports"] == {"Plaintext": -1, "TLS": 8502}


def test_service_is_registered_with_its_sidecar_and_the_sidecar_s_checks(consul: Consul) -> None:
    assert consul.put("/v1/agent/service/register", WEB).body == b""
    assert consul.get("/v1/agent/services").json == {
        "web-1": WEB_1,
        "web-1-sidecar-proxy": SIDECAR,
    }
    assert consul.get("/v1/agent/checks").json == {
        "service:web-1-sidecar-proxy:1": check(
            "service:web-1-sidecar-proxy:1",
            index=2,
            Name="Connect Sidecar Listening",
            Type="tcp",
            Interval="10s",
            **OF_SIDECAR,
        ),
        "service:web-1-sidecar-proxy:2": check(
            "service:web-1-sidecar-proxy:2",
            index=2,
            Name="Connect Sidecar Aliasing web-1",
            Status="passing",
            Output="All checks passing.",
            Type="alias",
            **OF_SIDECAR,
        ),
    }


def test_service_with_its_content_hash(consul: Consul) -> None:
    consul.put("/v1/agent/service/register", WEB)
    reply = consul.get("/v1/agent/service/web-1")
    digest = reply.headers["x-consul-contenthash"]
    assert reply.json == {**WEB_1, "ContentHash": digest}
    unknown = consul.get("/v1/agent/service/db-1")
    assert (unknown.status, unknown.text) == (404, "unknown service ID: db-1")


def test_names_may_be_written_as_in_a_file(consul: Consul) -> None:
    consul.put(
        "/v1/agent/service/register",
        {
            "name": "web",
            "port": 8080,
            "enable_tag_override": True,
            "check": {"http": "http://127.0.0.1/", "interval": "5s", "tls_skip_verify": True},
            "connect": {"sidecar_service": {"proxy": {"local_service_port": 9}}},
        },
    )
    own = consul.get("/v1/agent/services").json
    assert own["web"]["EnableTagOverride"] is True
    assert own["web-sidecar-proxy"]["Proxy"]["LocalServicePort"] == 9
    assert consul.get("/v1/agent/checks").json["service:web"]["Interval"] == "5s"


def test_checks_are_numbered_when_there_are_several(consul: Consul) -> None:
    checks = [{"TTL": "10s"}, {"TTL": "20s", "Status": "passing"}, {"CheckID": "own", "TTL": "1m"}]
    consul.put("/v1/agent/service/register", {"Name": "web", "Checks": checks})
    known = consul.get("/v1/agent/checks").json
    assert sorted(known) == ["own", "service:web:1", "service:web:2"]
    assert known["service:web:2"]["Status"] == "passing"


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ({"UDP": "127.0.0.1:53"}, "udp"),
        ({"GRPC": "127.0.0.1:9000/web", "GRPCUseTLS": True}, "grpc"),
        ({"H2PING": "127.0.0.1:9000"}, "h2ping"),
        ({"TCP": "127.0.0.1:9000", "TCPUseTLS": True, "TLSServerName": "web"}, "tcp"),
    ],
)
def test_checks_of_every_protocol_are_taken(
    consul: Consul, written: dict[str, object], kind: str
) -> None:
    body = {"Name": "web", "Check": written | {"Interval": "10s"}}
    assert consul.put("/v1/agent/service/register", body).status == 200
    shown = consul.get("/v1/agent/checks").json["service:web"]
    assert (shown["Type"], shown["Interval"], shown["Status"]) == (kind, "10s", "critical")


def test_registering_again_keeps_statuses_and_replaces_checks_only_when_asked(
    consul: Consul,
) -> None:
    consul.put("/v1/agent/service/register", {"Name": "web", "Check": {"TTL": "10s"}})
    consul.put("/v1/agent/check/pass/service:web?note=well")
    again = {"Name": "web", "Checks": [{"CheckID": "other", "TTL": "1s"}]}
    consul.put("/v1/agent/service/register", again)
    assert consul.get("/v1/agent/checks").json["service:web"]["Status"] == "passing"
    consul.put("/v1/agent/service/register?replace-existing-checks", again)
    assert sorted(consul.get("/v1/agent/checks").json) == ["other"]


def test_deregistering_takes_the_sidecar_and_all_checks(consul: Consul) -> None:
    consul.put("/v1/agent/service/register", WEB)
    consul.put("/v1/agent/service/deregister/web-1")
    assert consul.get("/v1/agent/services").json == {}
    assert consul.get("/v1/agent/checks").json == {}
    again = consul.ask("PUT", "/v1/agent/service/deregister/web-1")
    assert (again.status, again.text) == (
        404,
        'Unknown service ID "web-1". Ensure that the service ID is passed, not the service name.',
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"ID": "web-1"}, "Missing service name"),
        ({"Name": "web", "Address": "0.0.0.0"}, "Invalid service address"),
        ({"Name": "web", "Port": 70000}, "Invalid service port: 70000 is not between 0 and 65535"),
        (
            {"Name": "web", "Check": {"HTTP": "http://127.0.0.1/"}},
            "Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks",
        ),
        (
            {"Name": "web", "Check": {"ScriptArgs": ["/bin/true"], "Interval": "1s"}},
            "Invalid check: script checks are not run here: `tulle agent` runs them where"
            " enable_local_script_checks is set",
        ),
        (
            {"Name": "web", "Check": {"TTL": "10 seconds"}},
            'Request decode failed: TTL: invalid duration "10 seconds": write it as 10s, 5m or'
            " 1h30m",
        ),
        (
            {"Name": "web", "Kind": "connect-proxy", "Port": 1},
            "Proxy.DestinationServiceName must be non-empty for Connect proxy services",
        ),
    ],
)
def test_refused_registrations(consul: Consul, body: object, text: str) -> None:
    reply = consul.ask("PUT", "/v1/agent/service/register", body)
    assert (reply.status, reply.text) == (400, text)


def test_check_of_its_own_is_told_its_status(consul: Consul) -> None:
    consul.put("/v1/agent/check/register", {"Name": "disk", "TTL": "1m", "Notes": "free space"})
    for verb, status in (("pass", "passing"), ("warn", "warning"), ("fail", "critical")):
        consul.put(f"/v1/agent/check/{verb}/disk?note=because")
        (row,) = consul.get("/v1/health/node/node-1?filter=Name==disk").json
        assert (row["Status"], row["Output"], row["Notes"]) == (status, "because", "free space")
    consul.put("/v1/agent/check/update/disk", {"Status": "passing", "Output": "10 GB"})
    assert consul.get("/v1/agent/checks").json["disk"]["Output"] == "10 GB"
    consul.put("/v1/agent/check/deregister/disk")
    assert "disk" not in consul.get("/v1/agent/checks").json


def test_heartbeat_that_changes_no_status_is_no_write_but_its_note_is_shown(
    consul: Consul,
) -> None:
    consul.put("/v1/agent/check/register", {"Name": "disk", "TTL": "1m", "Status": "passing"})
    before = consul.context.store.mesh.index
    consul.put("/v1/agent/check/pass/disk?note=again")
    assert consul.context.store.mesh.index == before
    assert consul.get("/v1/agent/checks").json["disk"]["Output"] == "again"


@pytest.mark.parametrize(
    ("target", "body", "status", "text"),
    [
        ("register", {"TTL": "1m"}, 400, "Missing check name"),
        ("register", {"Name": "x", "TTL": "1m", "Status": "fine"}, 400, "Bad check status"),
        (
            "register",
            {"Name": "x", "TTL": "1m", "ServiceID": "gone"},
            404,
            'ServiceID "gone" does not exist',
        ),
        (
            "register",
            {"Name": "x"},
            400,
            "Invalid check: a TTL, an alias or one of HTTP, TCP, ... must be set",
        ),
        (
            "pass/x",
            None,
            404,
            'Unknown check ID "x". Ensure that the check ID is passed, not the check name.',
        ),
        (
            "pass/serfHealth",
            None,
            404,
            'CheckID "serfHealth" does not have associated TTL',
        ),
        ("update/serfHealth", {"Status": "fine"}, 400, "Invalid check status: 'fine'"),
    ],
)
def test_refused_checks(consul: Consul, target: str, body: object, status: int, text: str) -> None:
    reply = consul.ask("PUT", f"/v1/agent/check/{target}", body)
    assert (reply.status, reply.text) == (status, text)


def test_maintenance_is_a_critical_check_until_it_ends(consul: Consul) -> None:
    consul.put("/v1/agent/service/register", {"Name": "web"})
    consul.put("/v1/agent/service/maintenance/web?enable=true&reason=upgrade")
    consul.put("/v1/agent/maintenance?enable=true")
    known = consul.get("/v1/agent/checks").json
    assert known["_service_maintenance:web"]["Notes"] == "upgrade"
    assert known["_node_maintenance"]["Status"] == "critical"
    assert consul.get("/v1/agent/health/service/name/web?format=text").text == "maintenance"
    consul.put("/v1/agent/service/maintenance/web?enable=false")
    consul.put("/v1/agent/maintenance?enable=false")
    assert consul.get("/v1/agent/checks").json == {}
    assert consul.ask("PUT", "/v1/agent/maintenance").text == "Missing value for enable"


@pytest.mark.parametrize(
    ("verb", "code", "aggregated"),
    [("pass", 200, "passing"), ("warn", 429, "warning"), ("fail", 503, "critical")],
)
def test_health_of_own_instances_as_a_status_code(
    consul: Consul, verb: str, code: int, aggregated: str
) -> None:
    consul.put("/v1/agent/service/register", {"Name": "web", "Check": {"TTL": "1m"}})
    consul.put(f"/v1/agent/check/{verb}/service:web")
    one = consul.get("/v1/agent/health/service/id/web")
    assert (one.status, one.json["AggregatedStatus"]) == (code, aggregated)
    many = consul.get("/v1/agent/health/service/name/web", accept="text/plain")
    assert (many.status, many.text) == (code, aggregated)
    assert consul.get("/v1/agent/health/service/id/db").status == 404


def test_a_sidecar_may_have_a_name_of_its_own(consul: Consul) -> None:
    body = {"Name": "web", "Connect": {"SidecarService": {"Name": "web-proxy"}}}
    consul.put("/v1/agent/service/register", body)
    names = {key: row["Service"] for key, row in consul.get("/v1/agent/services").json.items()}
    assert names == {"web": "web", "web-sidecar-proxy": "web-proxy"}


def test_a_heartbeat_says_that_a_node_lives_and_is_a_write_only_once(consul: Consul) -> None:
    node = {"Node": "node-2", "Address": "10.0.0.2", "NodeMeta": {"tulle-agent": "0.1.0"}}
    consul.put("/v1/catalog/register", node)
    beat = {"Node": "node-2", "Address": "10.0.0.2"}
    assert consul.put("/v1/internal/node/heartbeat", beat).json == {
        "IntervalSeconds": 5,
        "MissedAfterSeconds": 20,
    }
    before = consul.get("/v1/health/node/node-2")
    consul.put("/v1/internal/node/heartbeat", beat)
    after = consul.get("/v1/health/node/node-2")
    assert (after.index, after.json) == (before.index, before.json)
    check = after.json[0]
    assert (check["CheckID"], check["Name"], check["Status"], check["Output"]) == (
        "serfHealth",
        "Serf Health Status",
        "passing",
        "Agent alive and reachable",
    )
    refused = consul.ask("PUT", "/v1/internal/node/heartbeat", {"Node": "node-9"})
    assert (refused.status, "node-9" in refused.text) == (404, True)
