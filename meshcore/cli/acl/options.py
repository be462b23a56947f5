"""What the commands of `tulle acl` share, under the names that Consul's commands know them by."""

from typing import Annotated

import typer

Description = Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")]
PolicyNames = Annotated[
    list[str] | None,
    typer.Option("--policy-name", metavar="NAME", help="Link a policy; may be repeated."),
]
PolicyIds = Annotated[
    list[str] | None,
    typer.Option("--policy-id", metavar="ID", help="Link a policy; may be repeated."),
]
RoleNames = Annotated[
    list[str] | None,
    typer.Option("--role-name", metavar="NAME", help="Link a role; may be repeated."),
]
RoleIds = Annotated[
    list[str] | None,
    typer.Option("--role-id", metavar="ID", help="Link a role; may be repeated."),
]
ServiceIdentities = Annotated[
    list[str] | None,
    typer.Option(
        "--service-identity",
        metavar="SERVICE[:DATACENTER,...]",
        help="What a service and its sidecar need; may be repeated.",
    ),
]
NodeIdentities = Annotated[
    list[str] | None,
    typer.Option(
        "--node-identity",
        metavar="NODE:DATACENTER",
        help="What a node needs; may be repeated.",
    ),
]
TemplatedPolicy = Annotated[
    str | None,
    typer.Option(metavar="TEMPLATE", help="Such as builtin/service; with --var for its name."),
]
Variables = Annotated[
    list[str] | None,
    typer.Option(
        "--var", metavar="name:VALUE", help="The name that is put into the templated policy."
    ),
]
Accessor = Annotated[
    str,
    typer.Option(
        "--accessor-id",
        metavar="ID",
        help="The token's accessor ID, or enough of its beginning; or anonymous.",
    ),
]
Id = Annotated[
    str | None, typer.Option("--id", metavar="ID", help="Its ID, or enough of its beginning.")
]
Name = Annotated[str, typer.Option(metavar="NAME", help="Its name.")]
OptionalName = Annotated[str | None, typer.Option("--name", metavar="NAME", help="Its name.")]
