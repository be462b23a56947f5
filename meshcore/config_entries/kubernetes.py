"""Kubernetes objects of Consul's kinds, as documents of the config entries they stand for."""

import difflib
import re
from collections.abc import Iterator, Mapping

import msgspec

from meshcore.config_entries.naming import kubernetes_spelled
from meshcore.config_entries.problems import DocumentError, Path, Problem, require_none
from meshcore.config_entries.types import GLOBAL

GROUP = "consul.hashicorp.com"
VERSION = f"{GROUP}/v1alpha1"
ENTRY_KINDS = {
    "ControlPlaneRequestLimit": "control-plane-request-limit",
    "ExportedServices": "exported-services",
    "IngressGateway": "ingress-gateway",
    "JWTProvider": "jwt-provider",
    "Mesh": "mesh",
    "ProxyDefaults": "proxy-defaults",
    "RateLimit": "rate-limit",
    "SamenessGroup": "sameness-group",
    "ServiceDefaults": "service-defaults",
    "ServiceIntentions": "service-intentions",
    "ServiceResolver": "service-resolver",
    "ServiceRouter": "service-router",
    "ServiceSplitter": "service-splitter",
    "TerminatingGateway": "terminating-gateway",
}
CLUSTER_KINDS = re.compile("Peering(Acceptor|Dialer)|Gateway.*|MeshService|Registration|Route.+")
ONLY_NAMES = {"ProxyDefaults": GLOBAL, "Mesh": "mesh", "ExportedServices": "default"}
FIELDS = ("apiVersion", "kind", "metadata", "spec", "status")
META = {"external-source": "kubernetes"}
KINDS_OF_ENTRIES = {entry: kind for kind, entry in ENTRY_KINDS.items()}
NOT_IN_A_NAME = re.compile("[^a-z0-9]+")
EVERYTHING = "all-destinations"  # an object's name, for the destination *


class Skipped(msgspec.Struct, frozen=True):
    kind: str
    name: str
    note: str


class Converted(msgspec.Struct, frozen=True):
    document: dict[str, object]
    name_path: Path

    def path_in_object(self, path: Path) -> Path:
        """Where in the Kubernetes object the document's path comes from."""
        if path[:1] == ("Name",):
            return self.name_path
        return ("kind",) if path[:1] in (("Kind",), ("Meta",)) else ("spec", *path)


def is_kubernetes(document: Mapping[str, object]) -> bool:
    return "apiVersion" in document


def converted(document: Mapping[str, object]) -> Converted | Skipped:
    """Raise DocumentError for an object of Consul's group that stands for no entry."""
    kind, version = str(document.get("kind", "")), str(document["apiVersion"])
    metadata = mapping(document, "metadata")
    name = str(metadata.get("name", ""))
    if kind == "List":
        raise DocumentError([Problem(("kind",), "a List: write its items as documents")])
    if version.partition("/")[0] != GROUP:
        return Skipped(kind, name, "an object of Kubernetes itself, of no concern to the mesh")
    if kind not in ENTRY_KINDS and CLUSTER_KINDS.fullmatch(kind):
        return Skipped(kind, name, "read in Kubernetes alone")
    require_none(object_problems(document, kind, version))
    spec = dict(mapping(document, "spec"))
    name_path: Path = ("metadata", "name")
    if kind == "ServiceIntentions":
        name_path = ("spec", "destination", "name")
        name = destination_of(spec)
    if not name:
        raise DocumentError([Problem(name_path, "is required")])
    only = ONLY_NAMES.get(kind, name)
    if name != only:
        raise DocumentError([Problem(name_path, f'must be {only}, not "{name}"')])
    entry = {"Kind": ENTRY_KINDS[kind], "Name": name, "Meta": META}
    return Converted({**entry, **spec}, name_path)


def object_problems(document: Mapping[str, object], kind: str, version: str) -> Iterator[Problem]:
    if kind not in ENTRY_KINDS:
        close = difflib.get_close_matches(kind, ENTRY_KINDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(ENTRY_KINDS)}"
        yield Problem(("kind",), f'unknown kind "{kind}" of {GROUP}; {hint}')
    elif version != VERSION:
        yield Problem(("apiVersion",), f'must be {VERSION}, not "{version}"')
    for key in document:
        if key not in FIELDS:
            close = difflib.get_close_matches(key, FIELDS, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            yield Problem((key,), f"unknown field{hint}")
    for key in mapping(document, "spec"):
        if key.lower() in ("kind", "name", "meta"):
            yield Problem(("spec", key), "unknown field")


def destination_of(spec: dict[str, object]) -> str:
    """Take the destination out of the spec: as an entry, it is the name."""
    destination = spec.pop("destination", None)
    if not isinstance(destination, Mapping):
        raise DocumentError([Problem(("spec", "destination"), "is required, with a name")])
    for key, value in destination.items():
        at = ("spec", "destination", key)
        if key not in ("name", "namespace", "partition"):
            raise DocumentError([Problem(at, "unknown field")])
        if key != "name" and value not in (None, "", "default"):
            raise DocumentError([Problem(at, f"must be default: there is only one {key}")])
    return str(destination.get("name", ""))


def mapping(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = document.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DocumentError([Problem((key,), "must be an object")])
    return value


def object_of(document: Mapping[str, object]) -> dict[str, object] | None:
    """Return the object that is converted to this entry; none where Kubernetes has no such kind.

    Its Meta is not in there: an entry that comes from Kubernetes gets one that says so.
    """
    kind = KINDS_OF_ENTRIES.get(str(document["Kind"]))
    if kind is None:
        return None
    name = str(document["Name"])
    body = {key: value for key, value in document.items() if key not in ("Kind", "Name", "Meta")}
    spec = kubernetes_spelled(body)
    assert isinstance(spec, dict)
    if kind == "ServiceIntentions":
        spec = {"destination": {"name": name}, **spec}
        name = object_name(name)
    return {"apiVersion": VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}


def object_name(destination: str) -> str:
    """Kubernetes takes names of lower-case letters, digits and - alone."""
    return NOT_IN_A_NAME.sub("-", destination.lower()).strip("-") or EVERYTHING
