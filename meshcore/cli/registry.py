"""`tulle services`, `instances`, `register` and `deregister`: what runs where."""

from typing import Annotated, Any

import typer

from meshcore.cli.connection import connect
from meshcore.cli.files import read_definition, shown
from meshcore.cli.output import AsJson, as_json, done, table, warn
from meshcore.client.http import Json, segment
from meshcore.lib.errors import InvalidError
from meshcore.wire.definition_fields import unknown_fields

WORST_FIRST = ("critical", "warning", "passing")


def services(context: typer.Context, *, json: AsJson = False) -> None:
    """List the services with their tags."""
    answer = connect(context).get("/v1/catalog/services")
    if json:
        as_json(answer)
        return
    rows = [(name, ", ".join(tags)) for name, tags in sorted(answer.items())]
    table(
        ("Service", "Tags"),
        rows,
        empty="No services are registered. Register one with: tulle register FILE",
    )


def instances(
    context: typer.Context,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="The name of a service.")],
    *,
    passing: Annotated[bool, typer.Option("--passing", help="Only those that pass.")] = False,
    json: AsJson = False,
) -> None:
    """List the instances of a service with their addresses and health."""
    params = {"passing": "true"} if passing else {}
    answer = connect(context).get(f"/v1/health/service/{segment(service)}", **params)
    if json:
        as_json(answer)
        return
    kept = "passing instances" if passing else "instances"
    table(
        ("ID", "Node", "Address", "Health", "Failing checks"),
        [_row(entry) for entry in answer],
        empty=f"No {kept} of {service}. See what there is with: tulle services",
    )


def register(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="Service definition in HCL or JSON, - for stdin."),
    ],
    *,
    json: AsJson = False,
) -> None:
    """Register the services that a file defines, with their sidecars."""
    client = connect(context)
    content, lines = read_definition(file)
    path, found = _defined(content)
    definitions = _definitions(found, shown(file))
    for place, sentence in unknown_fields(found, kind="service", path=path):
        warn(f"{shown(file)}:{lines.get(place, 1)}: {sentence}")
    names = [str(_field(definition, "Name")) for definition in definitions]
    for name, definition in zip(names, definitions, strict=True):
        try:
            client.put("/v1/agent/service/register", definition)
        except InvalidError as error:
            raise InvalidError(f"{shown(file)}: service {name}: {error}") from None
        if not json:
            done(f"Registered service: {name}")
    if json:
        as_json({"registered": names})


def deregister(
    context: typer.Context,
    service_id: Annotated[str, typer.Argument(metavar="ID", help="The id of an instance.")],
    *,
    json: AsJson = False,
) -> None:
    """Remove an instance with its sidecar and checks."""
    connect(context).put(f"/v1/agent/service/deregister/{segment(service_id)}")
    if json:
        as_json({"deregistered": service_id})
        return
    done(f"Deregistered service: {service_id}")


def add_to(app: typer.Typer) -> None:
    for command in (services, instances, register, deregister):
        app.command()(command)


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    service, node, checks = entry["Service"], entry["Node"], entry["Checks"]
    status = next((s for s in WORST_FIRST if any(c["Status"] == s for c in checks)), "passing")
    return (
        service["ID"],
        node["Node"],
        _address(service["Address"] or node["Address"], service["Port"]),
        status,
        ", ".join(c["Name"] for c in checks if c["Status"] != "passing"),
    )


def _address(host: str, port: int) -> str:
    if not port:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _defined(content: dict[str, object]) -> tuple[tuple[str, ...], object]:
    """`service {}` once or more, `services = [...]`, or the API's body, which is a service."""
    for key, value in content.items():
        if key.lower() in ("service", "services"):
            return (key,), value
    return (), content


def _definitions(found: object, file: str) -> list[dict[str, Any]]:
    listed = found if isinstance(found, list) else [found]
    definitions = [one for one in listed if isinstance(one, dict) and _field(one, "Name")]
    if not definitions or len(definitions) < len(listed):
        raise InvalidError(
            f"{file} defines no service: it needs service {{ name = ... }} or services = [...],"
            " each with a name"
        )
    return definitions


def _field(definition: dict[str, Any], name: str) -> Json:
    """Consul takes names in any case."""
    return next((v for key, v in definition.items() if key.lower() == name.lower()), None)
