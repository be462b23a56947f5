"""One file of the agent: service and check definitions, and what of settings stands beside them."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import inspect

from meshcore.actions.registry import register_service
from meshcore.lib import hcl
from meshcore.lib.errors import InvalidError, MeshError, MisreadError
from meshcore.mesh.types import Mesh
from meshcore.registry.checks import check_definition
from meshcore.registry.types import Check, Node
from meshcore.wire.agent_registrations import Registration, check_by_itself, registration_of
from meshcore.wire.check_definitions import CheckIn
from meshcore.wire.decoding import decode
from meshcore.wire.definition_fields import unknown_fields
from meshcore.wire.errors import Refusal
from meshcore.wire.service_definitions import ServiceIn

SERVICES = ("service", "services")
CHECKS = ("check", "checks")
LISTS = (inspect.ListType, inspect.VarTupleType)


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What definitions are read for: a node, and the types of checks that may be run on it."""

    node: str
    runs: frozenset[str]


class DefinedService(msgspec.Struct, frozen=True, kw_only=True):
    registration: Registration
    token: str = ""

    def __repr__(self) -> str:
        return f"DefinedService({self.registration.instance.id})"


class DefinedCheck(msgspec.Struct, frozen=True, kw_only=True):
    check: Check
    token: str = ""

    def __repr__(self) -> str:
        return f"DefinedCheck({self.check.id})"


class Defined(msgspec.Struct, frozen=True, kw_only=True):
    """What one file defines; services and checks by their ids."""

    services: dict[str, DefinedService] = {}
    checks: dict[str, DefinedCheck] = {}
    warnings: tuple[str, ...] = ()


class Document(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    blocks: dict[str, object]  # service, services, check, checks
    settings: dict[str, object]  # all the rest
    places: Mapping[hcl.Path, hcl.Place]

    def at(self, path: hcl.Path) -> str:
        """File, line and column of the closest thing that is written there."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        return f"{self.file}:{line}:{column}"


def parsed(text: str, *, file: str) -> Document:
    """Raise InvalidError with file, line and column for bad syntax."""
    try:
        document, places = hcl.parse_with_places(text, file=file)
    except MisreadError as error:
        raise InvalidError(f"{file}:{error.line}:{error.column}: {error.problem}") from None
    blocks = {name: value for name, value in document.items() if _is_block(name)}
    settings = {name: value for name, value in document.items() if not _is_block(name)}
    return Document(file=file, blocks=blocks, settings=settings, places=places)


def defined(document: Document, rules: Rules) -> Defined:
    """Raise InvalidError, with the place, for the first definition that cannot be."""
    services: dict[str, DefinedService] = {}
    checks: dict[str, DefinedCheck] = {}
    warnings: list[str] = []
    for path, block in _each(document, SERVICES):
        for place, sentence in unknown_fields(block, kind="service", path=path):
            warnings.append(f"{document.at(place)}: {sentence}")
        service = _service(document, path, block, rules)
        _put(services, service.registration.instance.id, service, document.at(path))
    for path, block in _each(document, CHECKS):
        for place, sentence in unknown_fields(_without_token(block), kind="check", path=path):
            warnings.append(f"{document.at(place)}: {sentence}")
        check = _check(document, path, block, rules)
        _put(checks, check.check.id, check, document.at(path))
    return Defined(services=services, checks=checks, warnings=tuple(warnings))


def _is_block(name: str) -> bool:
    return name.lower() in (*SERVICES, *CHECKS)


def _each(document: Document, kinds: tuple[str, ...]) -> Iterator[tuple[hcl.Path, dict[str, Any]]]:
    """Blocks that stand once, several times, in a list, or under their names."""
    for name, value in document.blocks.items():
        if name.lower() not in kinds:
            continue
        listed = value if isinstance(value, list) else [value]
        for index, one in enumerate(listed):
            path: hcl.Path = (name, index) if isinstance(value, list) else (name,)
            if not isinstance(one, dict):
                raise InvalidError(f"{document.at(path)}: {name} has to be a block")
            yield path, one


def _service(
    document: Document, path: hcl.Path, block: dict[str, Any], rules: Rules
) -> DefinedService:
    try:
        given = decode(_json(block, ServiceIn), ServiceIn)
        registration = registration_of(given, node=rules.node, runs=rules.runs)
        rehearse(registration)
    except (MeshError, Refusal) as error:
        raise InvalidError(_problem(document, path, error)) from None
    return DefinedService(registration=registration, token=given.token)


def _check(document: Document, path: hcl.Path, block: dict[str, Any], rules: Rules) -> DefinedCheck:
    try:
        given = decode(_json(_without_token(block), CheckIn), CheckIn)
        check = check_by_itself(given, node=rules.node)
        check_definition(check.definition, runs=rules.runs)
    except (MeshError, Refusal) as error:
        raise InvalidError(_problem(document, path, error)) from None
    token = next((str(value) for key, value in block.items() if key.lower() == "token"), "")
    return DefinedCheck(check=check, token=token)


def rehearse(registration: Registration) -> None:
    """Raise what the registry will refuse, while the place of the definition is known."""
    node = Node(name=registration.instance.node, address="127.0.0.1")
    tuple(
        register_service(
            Mesh(),
            node=node,
            instance=registration.instance,
            checks=registration.checks,
            sidecar=registration.sidecar,
            sidecar_checks=registration.sidecar_checks,
        )
    )


def _without_token(block: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if key.lower() != "token"}


def _json(block: dict[str, Any], wanted: type[Any]) -> bytes:
    return msgspec.json.encode(listed(block, inspect.type_info(wanted)))


def listed(value: Any, wanted: inspect.Type) -> Any:  # noqa: ANN401 - any JSON
    """HCL's blocks as JSON has them: one block where a list is wanted is a list of one."""
    if isinstance(wanted, inspect.UnionType):
        options = [option for option in wanted.types if not isinstance(option, inspect.NoneType)]
        return listed(value, options[0]) if len(options) == 1 else value
    if isinstance(wanted, LISTS):
        items = [value] if isinstance(value, dict) else value
        return [listed(item, wanted.item_type) for item in items] if _is_list(items) else items
    if isinstance(wanted, inspect.StructType) and isinstance(value, dict):
        fields = {_folded(field.encode_name): field.type for field in wanted.fields}
        return {
            name: listed(inner, fields.get(_folded(name), inspect.AnyType()))
            for name, inner in value.items()
        }
    return value


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _problem(document: Document, path: hcl.Path, error: MeshError | Refusal) -> str:
    """With the place of the field that the decoder names, if it names one."""
    sentence, _, where = _plain(str(error)).partition(" - at `$.")
    for part in where.rstrip("`").replace("[", ".").replace("]", "").split("."):
        path = _deeper(document, path, part) if part else path
    return f"{document.at(path)}: {sentence}"


def _plain(sentence: str) -> str:
    """Without the words that are about a request."""
    return sentence.removeprefix("Request decode failed: ")


def _deeper(document: Document, path: hcl.Path, part: str) -> hcl.Path:
    """One step, by the name as it is written there; a list of one block has no step of its own."""
    if part.isdecimal():
        return (*path, int(part)) if (*path, int(part)) in document.places else path
    depth = len(path)
    for known in document.places:
        if (
            len(known) == depth + 1
            and known[:depth] == path
            and _folded(str(known[-1])) == _folded(part)
        ):
            return known
    return path


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _put(known: dict[str, Any], key: str, value: object, place: str) -> None:
    if key in known:
        raise InvalidError(f'{place}: "{key}" is defined twice')
    known[key] = value
