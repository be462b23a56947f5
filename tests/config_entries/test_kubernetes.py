import pytest

from meshcore.config_entries.kubernetes import Converted, Skipped, converted
from meshcore.config_entries.problems import DocumentError, Path

V1ALPHA1 = "consul.hashicorp.com/v1alpha1"


def test_service_intentions_are_named_after_their_destination() -> None:
    found = converted(
        {
            "apiVersion": V1ALPHA1,
            "kind": "ServiceIntentions",
            "metadata": {"name": "web-to-api"},
            "spec": {
                "destination": {"name": "api", "namespace": "default"},
                "sources": [{"name": "web", "action": "allow"}],
            },
        }
    )
    assert found == Converted(
        document={
            "Kind": "service-intentions",
            "Name": "api",
            "Meta": {"external-source": "kubernetes"},
            "sources": [{"name": "web", "action": "allow"}],
        },
        name_path=("spec", "destination", "name"),
    )
    assert found.path_in_object(("sources", 0, "name")) == ("spec", "sources", 0, "name")
    assert found.path_in_object(("Name",)) == ("spec", "destination", "name")


def test_other_entries_are_named_as_the_object() -> None:
    assert converted(
        {
            "apiVersion": V1ALPHA1,
            "kind": "ServiceDefaults",
            "metadata": {"name": "api", "namespace": "shop"},
            "spec": {"protocol": "http"},
        }
    ) == Converted(
        document={
            "Kind": "service-defaults",
            "Name": "api",
            "Meta": {"external-source": "kubernetes"},
            "protocol": "http",
        },
        name_path=("metadata", "name"),
    )


@pytest.mark.parametrize(
    ("version", "kind"), [("apps/v1", "Deployment"), ("v1", "ConfigMap"), ("v1", "Service")]
)
def test_kubernetes_own_objects_are_skipped_with_a_note(version: str, kind: str) -> None:
    document = {"apiVersion": version, "kind": kind, "metadata": {"name": "api"}}
    note = "an object of Kubernetes itself, of no concern to the mesh"
    assert converted(document) == Skipped(kind, "api", note)


def test_kinds_for_consul_in_kubernetes_alone_are_skipped() -> None:
    document = {"apiVersion": V1ALPHA1, "kind": "GatewayClassConfig", "metadata": {"name": "x"}}
    assert converted(document) == Skipped("GatewayClassConfig", "x", "read in Kubernetes alone")


@pytest.mark.parametrize(
    ("change", "path", "sentence"),
    [
        (
            {"kind": "ServiceIntention"},
            ("kind",),
            'unknown kind "ServiceIntention" of consul.hashicorp.com; '
            "did you mean ServiceIntentions?",
        ),
        (
            {"apiVersion": "consul.hashicorp.com/v9"},
            ("apiVersion",),
            'must be consul.hashicorp.com/v1alpha1, not "consul.hashicorp.com/v9"',
        ),
        ({"sepc": {}}, ("sepc",), "unknown field; did you mean spec?"),
        ({"spec": None}, ("spec", "destination"), "is required, with a name"),
        (
            {"spec": {"destination": {"name": "api", "namespace": "shop"}}},
            ("spec", "destination", "namespace"),
            "must be default: there is only one namespace",
        ),
        ({"spec": {"destination": {}}}, ("spec", "destination", "name"), "is required"),
        ({"spec": []}, ("spec",), "must be an object"),
        ({"kind": "ProxyDefaults"}, ("metadata", "name"), 'must be global, not "api"'),
        ({"kind": "Mesh"}, ("metadata", "name"), 'must be mesh, not "api"'),
    ],
)
def test_object_that_stands_for_no_entry_is_refused(
    change: dict[str, object], path: Path, sentence: str
) -> None:
    document = {
        "apiVersion": V1ALPHA1,
        "kind": "ServiceIntentions",
        "metadata": {"name": "api"},
        "spec": {},
    }
    with pytest.raises(DocumentError) as refusal:
        converted(document | change)
    (problem,) = refusal.value.problems
    assert (problem.path, problem.sentence) == (path, sentence)
