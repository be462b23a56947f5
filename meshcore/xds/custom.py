"""The escape hatch: clusters and listeners that operators write themselves, as JSON."""

import importlib
import json
import logging
import pkgutil
import re
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

TYPE_IN_JSON = re.compile(r'"type\.googleapis\.com/(envoy(?:\.\w+)+)\.\w+"')
Kind = TypeVar("Kind", bound=Message)

log = logging.getLogger(__name__)


def parsed(text: str, kind: type[Kind]) -> Kind | None:
    """None for what is nothing of this kind: then the proxy gets the usual one rather than none."""
    if not text:
        return None
    make_known(text)
    try:
        return json_format.ParseDict(_content(text, kind), kind())
    except (json_format.ParseError, ValueError) as error:
        log.warning("a custom %s is not used: %s", kind.DESCRIPTOR.name.lower(), error)
        return None


def make_known(text: str) -> None:
    """Load the protobufs of all types in it: what is packed in an Any must be known to be read."""
    for package in set(TYPE_IN_JSON.findall(text)):
        try:
            folder = importlib.import_module(package).__path__
        except ModuleNotFoundError:
            continue  # parsing says which type is not known
        for module in pkgutil.iter_modules(folder):
            if module.name.endswith("_pb2"):
                importlib.import_module(f"{package}.{module.name}")


def _content(text: str, kind: type[Message]) -> dict[str, Any]:
    """Consul's users name the type at the top, or leave it out."""
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object")
    expected = f"type.googleapis.com/{kind.DESCRIPTOR.full_name}"
    named = content.pop("@type", expected)
    if named != expected:
        raise ValueError(f"it is a {named}")
    return content
