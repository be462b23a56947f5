import pytest
from hypothesis import given

from meshcore.config_entries.texts import Mistake
from meshcore.config_entries.types import OtherEntry, ProxyDefaults, ServiceDefaults
from meshcore.intentions.types import (
    HeaderMatch,
    Intention,
    Permission,
    RequestMatch,
    ServiceIntentions,
)
from meshcore.mesh.entries import Entry
from meshcore.mesh.texts import Asked, as_hcl, as_yaml, read
from tests.intentions.strategies import UNHURRIED, service_intentions

API = ServiceIntentions(
    destination="api",
    intentions=(
        Intention(
            source="web",
            destination="api",
            permissions=(
                Permission(
                    action="allow",
                    http=RequestMatch(
                        path_prefix="/v1",
                        methods=("GET", "PUT"),
                        headers=(HeaderMatch(name="x-debug", present=True, is_inverted=True),),
                    ),
                ),
            ),
            description="the shop: all of it",
        ),
        Intention(source="*", destination="api", action="deny"),
    ),
    meta={"external-source": "kubernetes"},
)
YAML = """\
apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceIntentions
metadata:
  name: api
spec:
  destination:
    name: api
  sources:
    - name: web
      permissions:
        - action: allow
          http:
            pathPrefix: /v1
            header:
              - name: x-debug
                present: true
                invert: true
            methods:
              - GET
              - PUT
      description: "the shop: all of it"
    - name: "*"
      action: deny
"""
HCL = """\
Kind = "service-intentions"
Name = "api"
Sources = [
  {
    Name = "web"
    Permissions = [
      {
        Action = "allow"
        HTTP = {
          PathPrefix = "/v1"
          Header = [
            {
              Name = "x-debug"
              Present = true
              Invert = true
            },
          ]
          Methods = ["GET", "PUT"]
        }
      },
    ]
    Description = "the shop: all of it"
  },
  {
    Name = "*"
    Action = "deny"
  },
]
Meta = {
  external-source = "kubernetes"
}
"""
WITHOUT_KUBERNETES = """\
Kind: service-intentions
Name: "*"
Sources:
  - Name: "*"
    Action: deny
Meta:
  team: red
"""


def test_intentions_are_written_as_a_kubernetes_object_and_in_hcl() -> None:
    assert (as_yaml(API), as_hcl(API)) == (YAML, HCL)


def test_what_a_kubernetes_object_cannot_say_is_written_as_the_entry_itself() -> None:
    everywhere = ServiceIntentions(
        destination="*",
        intentions=(Intention(source="*", destination="*", action="deny"),),
        meta={"team": "red"},
    )
    assert as_yaml(everywhere) == WITHOUT_KUBERNETES


@UNHURRIED
@given(service_intentions())
def test_any_intentions_come_back_from_their_texts(entry: ServiceIntentions) -> None:
    assert read(as_yaml(entry), name="api.yaml") == Asked(entries=[entry])
    assert read(as_hcl(entry), name="api.hcl") == Asked(entries=[entry])


@pytest.mark.parametrize(
    "entry",
    [
        ServiceDefaults(name="web", protocol="http", external_sni="a", meta={"a": "${b}"}),
        ProxyDefaults(config={"protocol": "http", "local_connect_timeout_ms": 1.5, "x y": None}),
        OtherEntry(entry_kind="mesh", name="mesh", body={"TLS": {"Incoming": {}}, "Empty": []}),
        OtherEntry(
            entry_kind="service-resolver",
            name="api",
            body={"Subsets": {"v_1": {"Filter": "a == b"}}, "ConnectTimeout": "1s"},
            meta={"external-source": "kubernetes"},
        ),
        OtherEntry(entry_kind="http-route", name="shop", body={"Rules": [{"Name": "yes"}]}),
    ],
)
def test_other_entries_come_back_from_their_texts(entry: Entry) -> None:
    assert read(as_yaml(entry), name="a.yaml") == Asked(entries=[entry])
    assert read(as_hcl(entry), name="a.hcl") == Asked(entries=[entry])


def test_many_documents_are_read_on_after_a_mistake() -> None:
    wrong = "---\nKind: service-intentions\nName: db\nSources:\n  - Name: web\n    Action: maybe\n"
    assert read(f"{YAML}---\n{YAML}{wrong}", name="pasted") == Asked(
        entries=[API, API],
        mistakes=[
            Mistake(
                file="pasted",
                document=2,
                line=25,
                sentence="service-intentions/api stands already in pasted, document 1",
            ),
            Mistake(
                file="pasted",
                document=3,
                line=53,
                sentence='Sources[0].Action: must be allow or deny, not "maybe"',
            ),
        ],
    )
