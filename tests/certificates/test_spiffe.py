import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcore.certificates.spiffe import (
    AgentId,
    AuthorityId,
    MeshGatewayId,
    ServerId,
    ServiceId,
    SpiffeId,
    checked,
    kind_of,
    parse,
)
from meshcore.lib.errors import InvalidError

DOMAIN = "1234.consul"
WEB = f"spiffe://{DOMAIN}/ns/default/dc/dc1/svc/web"


@pytest.mark.parametrize(
    ("uri", "identity"),
    [
        (WEB, ServiceId(trust_domain=DOMAIN, datacenter="dc1", service="web")),
        (
            f"spiffe://{DOMAIN}/agent/client/dc/dc1/id/node-1",
            AgentId(trust_domain=DOMAIN, datacenter="dc1", node="node-1"),
        ),
        (
            f"spiffe://{DOMAIN}/agent/server/dc/dc1",
            ServerId(trust_domain=DOMAIN, datacenter="dc1"),
        ),
        (
            f"spiffe://{DOMAIN}/gateway/mesh/dc/dc1",
            MeshGatewayId(trust_domain=DOMAIN, datacenter="dc1"),
        ),
        (f"spiffe://{DOMAIN}", AuthorityId(trust_domain=DOMAIN)),
    ],
)
def test_each_form_is_read_and_written(uri: str, identity: SpiffeId) -> None:
    assert parse(uri, trust_domain=DOMAIN) == identity
    assert checked(identity) == uri


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("", id="empty"),
        pytest.param(WEB.replace("spiffe", "https"), id="another scheme"),
        pytest.param(WEB.replace("spiffe", "SPIFFE"), id="scheme in capitals"),
        pytest.param(WEB.replace(DOMAIN, ""), id="no trust domain"),
        pytest.param(WEB.replace(DOMAIN, DOMAIN.upper()), id="trust domain in capitals"),
        pytest.param(WEB.replace(DOMAIN, f"root@{DOMAIN}"), id="user"),
        pytest.param(WEB.replace(DOMAIN, f"{DOMAIN}:443"), id="port"),
        pytest.param(WEB + "?a=b", id="query"),
        pytest.param(WEB + "#web", id="fragment"),
        pytest.param(WEB + "/", id="slash at the end"),
        pytest.param(WEB + "/svc/db", id="more path"),
        pytest.param(WEB + "\n", id="line end"),
        pytest.param(WEB + "\0", id="zero byte"),
        pytest.param(" " + WEB, id="space"),
        pytest.param(WEB.replace("/svc", "//svc"), id="empty segment"),
        pytest.param(WEB.replace("web", ""), id="no name"),
        pytest.param(WEB.replace("web", ".."), id="dots"),
        pytest.param(WEB.replace("web", "w%65b"), id="escape"),
        pytest.param(WEB.replace("web", "wéb"), id="not ASCII"),
        pytest.param(WEB.replace("web", "*"), id="wildcard"),
        pytest.param(WEB.replace("/dc/dc1", ""), id="no datacenter"),
        pytest.param(WEB.replace("default", "team"), id="another namespace"),
        pytest.param(WEB.replace("/ns", "/ap/team/ns"), id="partition"),
        pytest.param(WEB + "b" * 2048, id="too long"),
    ],
)
def test_anything_else_is_refused(uri: str) -> None:
    with pytest.raises(InvalidError):
        parse(uri)


def test_another_trust_domain_is_refused_by_name() -> None:
    with pytest.raises(InvalidError, match=r"is of trust domain 1234\.consul, not 5678\.consul"):
        parse(WEB, trust_domain="5678.consul")


def test_a_name_cannot_smuggle_in_another_identity() -> None:
    crafted = ServiceId(trust_domain=DOMAIN, datacenter="dc1/svc/db", service="web")
    with pytest.raises(InvalidError):
        checked(crafted)


def test_kinds_read_as_words() -> None:
    assert kind_of(parse(WEB)) == "a service"


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_two_identities_never_share_a_uri(domain: str, datacenter: str, service: str) -> None:
    identity = ServiceId(trust_domain=domain, datacenter=datacenter, service=service)
    try:
        uri = checked(identity)
    except InvalidError:
        return
    assert parse(uri) == identity
