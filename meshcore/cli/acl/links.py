"""What tokens and roles are linked to: from words on the command line, and back to words."""

from collections.abc import Iterator, Sequence

from meshcore.client.http import Json
from meshcore.lib.errors import InvalidError

Words = Sequence[str] | None


def policy_links(names: Words, ids: Words) -> dict[str, Json]:
    return _linked("Policies", names, ids)


def role_links(names: Words, ids: Words) -> dict[str, Json]:
    return _linked("Roles", names, ids)


def identities(
    services: Words, nodes: Words, *, template: str | None, variables: Words
) -> dict[str, Json]:
    """The fields for what was typed, and none for what was not: an update keeps those."""
    fields: dict[str, Json] = {}
    if services is not None:
        fields["ServiceIdentities"] = [service_identity(word) for word in services if word]
    if nodes is not None:
        fields["NodeIdentities"] = [node_identity(word) for word in nodes if word]
    if template is None and variables:
        raise InvalidError("--var is for a templated policy; name it with --templated-policy")
    if template is not None:
        link = {"TemplateName": template, "TemplateVariables": template_variables(variables)}
        fields["TemplatedPolicies"] = [link] if template else []
    return fields


def _linked(field: str, names: Words, ids: Words) -> dict[str, Json]:
    """Of both kinds together; "" alone is how an update takes all of them away."""
    if names is None and ids is None:
        return {}
    by_name = [{"Name": name} for name in names or () if name]
    return {field: by_name + [{"ID": link_id} for link_id in ids or () if link_id]}


def service_identity(word: str) -> dict[str, Json]:
    service, colon, datacenters = word.partition(":")
    named = [datacenter for datacenter in datacenters.split(",") if datacenter]
    if not service or (colon and not named):
        raise InvalidError(
            f'"{word}" is no service identity: write it as web, or web:dc1,dc2 for some datacenters'
        )
    return {"ServiceName": service} | ({"Datacenters": named} if named else {})


def node_identity(word: str) -> dict[str, Json]:
    node, _, datacenter = word.partition(":")
    if not node or not datacenter:
        raise InvalidError(f'"{word}" is no node identity: write it as node-1:dc1')
    return {"NodeName": node, "Datacenter": datacenter}


def template_variables(words: Words) -> dict[str, str]:
    """Templates know one variable, in any case of letters, as Consul's do."""
    variables = {}
    for word in words or ():
        key, colon, value = word.partition(":")
        if key.lower() != "name" or not colon:
            raise InvalidError(
                f'"{word}" is no variable of a templated policy: write it as name:web'
            )
        variables["Name"] = value
    return variables


def _name(link: dict[str, Json]) -> str:
    return str(link["Name"])


def _id_and_name(link: dict[str, Json]) -> str:
    return f"{link['ID']} - {link['Name']}"


def _service(link: dict[str, Json]) -> str:
    return _within(link["ServiceName"], link)


def _node(link: dict[str, Json]) -> str:
    return f"{link['NodeName']} (datacenter {link['Datacenter']})"


def _template(link: dict[str, Json]) -> str:
    values = (link.get("TemplateVariables") or {}).values()
    return _within(" ".join((link["TemplateName"], *values)), link)


def _within(name: str, link: dict[str, Json]) -> str:
    datacenters = link.get("Datacenters") or ()
    return f"{name} (datacenters {', '.join(datacenters)})" if datacenters else name


KINDS = (  # in the API, in a cell, as a title, and one of them in a cell and on a line
    ("Policies", "policy", "Policies", _name, _id_and_name),
    ("Roles", "role", "Roles", _name, _id_and_name),
    ("ServiceIdentities", "service", "Service Identities", _service, _service),
    ("NodeIdentities", "node", "Node Identities", _node, _node),
    ("TemplatedPolicies", "template", "Templated Policies", _template, _template),
)


def grants(linked: dict[str, Json]) -> str:
    """All links of a token or role in one cell."""
    return ", ".join(
        f"{word} {short(link)}"
        for field, word, _, short, _ in KINDS
        for link in linked.get(field) or ()
    )


def sections(linked: dict[str, Json]) -> Iterator[tuple[str, list[str]]]:
    """The same at length: a title, and a line for each link."""
    for field, _, title, _, line in KINDS:
        yield title, [line(link) for link in linked.get(field) or ()]
