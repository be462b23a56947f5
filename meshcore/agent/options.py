"""How the agent is started: options over the environment over its files over defaults."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from meshcore.agent.documents import Document
from meshcore.agent.settings import SETTINGS, Settings
from meshcore.agent.sources import Sources
from meshcore.client.http import token_in
from meshcore.configuration.consul_keys import settings_in
from meshcore.configuration.given import Given
from meshcore.configuration.load import from_environment, settle
from meshcore.lib.errors import InvalidError

META = "node_meta"

EPILOG = """Files hold service and check blocks as Consul's agents read them, and settings beside
them; the folder is watched, and what changes in definitions is applied. docs/settings.md lists the
settings, each of which is TULLE_<NAME> in the environment as well."""


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    settings: Settings
    sources: Sources
    node_meta: dict[str, str] = {}
    warnings: tuple[str, ...] = ()


def chosen(words: Sequence[str], environ: Mapping[str, str]) -> Chosen:
    """Raise InvalidError that names every setting that cannot be, with its source."""
    options = _parser().parse_args(words)
    sources = Sources(files=options.config_file, folders=options.config_dir)
    documents = list(sources.documents())
    from_files, unused = _from_files(documents)
    given = {
        **from_files,
        **dict(from_environment(environ, table=SETTINGS)),
        **dict(_from_options(options)),
    }
    settled, problems = settle(given, table=SETTINGS)
    if problems:
        raise InvalidError("\n".join(["this configuration does not work:", *problems]))
    settings = msgspec.convert(settled, Settings)
    if not settings.servers:
        raise InvalidError(
            "no server is named: give the HTTP address of each by --server HOST:PORT,"
            " TULLE_SERVERS or retry_join"
        )
    return Chosen(
        settings=settings, sources=sources, node_meta=_node_meta(documents), warnings=unused
    )


def _from_files(documents: Sequence[Document]) -> tuple[dict[str, Given], tuple[str, ...]]:
    """A later file wins."""
    given: dict[str, Given] = {}
    warnings: list[str] = []
    for document in documents:
        lines = {path: line for path, (line, _) in document.places.items()}
        settings = {name: value for name, value in document.settings.items() if name != META}
        found, unused = settings_in(settings, lines, file=document.file, table=SETTINGS)
        given |= found
        if unused:
            warnings.append(f"{document.file}: not used: {', '.join(sorted(unused))}")
    return given, tuple(warnings)


def _node_meta(documents: Sequence[Document]) -> dict[str, str]:
    meta: dict[str, str] = {}
    for document in documents:
        written = document.settings.get(META) or {}
        try:
            meta |= msgspec.convert(written, dict[str, str])
        except msgspec.ValidationError:
            raise InvalidError(f"{document.at((META,))}: {META} takes texts by names") from None
    return meta


def _from_options(options: argparse.Namespace) -> Iterator[tuple[str, Given]]:
    for name, value in vars(options).items():
        if name == "token_file" and value:
            yield "acl_agent_token", Given(value=token_in(value), source="--token-file")
        elif name not in ("config_dir", "config_file", "token_file") and value:
            yield name, Given(value=value, source=f"--{name.replace('_', '-')}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tulle agent",
        description="Run beside the services of a host: register them, check them, and pass on"
        " what is asked of the servers.",
        epilog=EPILOG,
    )
    many = {"action": "append", "default": []}
    _add(parser, "config-dir", "folder of .hcl and .json files, by name", type=Path, **many)
    _add(parser, "config-file", "one such file", type=Path, **many)
    said = "HOST:PORT of a server's HTTP; again for each"
    _add(parser, "server", said, "retry-join", dest="servers", **many)
    parser.add_argument("--token-file", type=Path, help="file that holds the agent's own token")
    _add(parser, "data-dir", "where it keeps what is registered through it")
    _add(parser, "node", "this host's name in the registry", dest="node_name")
    _add(parser, "datacenter", "of the servers")
    said = "address of this host in the registry"
    _add(parser, "advertise", said, "bind", dest="advertise_addr")
    _add(parser, "client", "address to listen on", dest="client_addr")
    _add(parser, "http-port", "port of its HTTP API")
    _add(parser, "grpc-port", "port of xDS for this host's Envoys, -1 for none")
    _add(parser, "log-level", "trace, debug, info, warn or error")
    switch = {"action": "store_true"}
    _add(parser, "enable-script-checks", "run scripts, whoever registers them", **switch)
    _add(parser, "enable-local-script-checks", "run scripts that files define", **switch)
    _add(parser, "sidecars", "run an Envoy for each sidecar that is registered here", **switch)
    return parser


def _add(
    parser: argparse.ArgumentParser, name: str, help_: str, *aliases: str, **how: object
) -> None:
    """With one dash too, as Consul's users write it, and by the names that they know."""
    how.setdefault("dest", name.replace("-", "_"))
    flags = [dashes + each for each in (name, *aliases) for dashes in ("--", "-")]
    parser.add_argument(*flags, help=help_, **how)  # type: ignore[arg-type]
