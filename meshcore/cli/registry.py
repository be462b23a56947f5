"""`tulle services`, `instances`, `register` and `deregister`: what runs where."""

from typing import Annotated, Any

import typer

from meshcore.cli.connection import connect
from meshcore.cli.files import read_definition
from meshcore.cli.output import AsJson, as_json, done, table
from meshcore.client.http import Json
from meshcore.lib.errors import InvalidError

STATUS_STYLES = {"passing": "green", "warning": "yellow", "critical": "red"}
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
    service: Annotated[str, typer.Argument(help="The name of a service.")],
    *,
    passing: Annotated[bool, typer.Option("--passing", help="Only those that pass.")] = False,
    json: AsJson = False,
) -> None:
    """List the instances of a service with their addresses and health."""
    params = {"passing": "true"} if passing else {}
    answer = connect(context).get(f"/v1/health/service/{service}", **params)
    if json:
        as_json(answer)
        return
    rows = [_row(entry) for entry in answer]
    table(
        ("ID", "Node", "Address", "Health", "Failing checks"),
        rows,
        empty=f"No instances of {service}. See what there is with: tulle services",
    )


def register(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="Service definition in HCL or JSON, - for stdin.")],
    *,
    json: AsJson = False,
) -> None:
    """Register the services that a file defines, with their sidecars."""
    client = connect(context)
    definitions = _definitions(read_definition(file), file)
    for definition in definitions:
        client.put("/v1/agent/service/register", definition)
    names = [str(_field(definition, "Name")) for definition in definitions]
    if json:
        as_json({"registered": names})
        return
    for name in names:
        done(f"Registered service: {name}")


def deregister(
    context: typer.Context,
    service_id: Annotated[str, typer.Argument(help="The id of an instance.")],
) -> None:
    """Remove an instance with its sidecar and checks."""
    connect(context).put(f"/v1/agent/service/deregister/{service_id}")
    done(f"Deregistered service: {service_id}")


def add_to(app: typer.Typer) -> None:
    for command in (services, instances, register, deregister):
        app.command()(command)


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    service, node, checks = entry["Service"], entry["Node"], entry["Checks"]
    address = service["Address"] or node["Address"]
    status = next((s for s in WORST_FIRST if any(c["Status"] == s for c in checks)), "passing")
    failing = ", ".join(c["Name"] for c in checks if c["Status"] != "passing")
    style = STATUS_STYLES[status]
    return (
        service["ID"],
        node["Node"],
        f"{address}:{service['Port']}",
        f"[{style}]{status}[/{style}]",
        failing,
    )


def _definitions(content: dict[str, object], file: str) -> list[dict[str, Any]]:
    """`service {}` once or more, or `services = [...]`, as `consul services register` takes."""
    found = content.get("services", content.get("service"))
    listed = found if isinstance(found, list) else [found]
    definitions = [one for one in listed if isinstance(one, dict) and _field(one, "Name")]
    if not definitions or len(definitions) < len(listed):
        raise InvalidError(
            f"{file} defines no service: it needs service {{ name = ... }} or services = [...]"
        )
    return definitions


def _field(definition: dict[str, Any], name: str) -> Json:
    """Consul takes names in any case."""
    return next((v for key, v in definition.items() if key.lower() == name.lower()), None)
