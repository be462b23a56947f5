"""How a token is shown, wherever one is: made, read, cloned, or got by a login."""

from meshcore.cli.acl.links import sections
from meshcore.cli.output import as_json, done, fields, section, text
from meshcore.client.http import Json

SECRETS = ("SecretID", "ID")  # the second is in what a bootstrap answers


def without_secret(token: dict[str, Json]) -> dict[str, Json]:
    return {field: value for field, value in token.items() if field not in SECRETS}


def print_token(token: dict[str, Json], *, json: bool) -> None:
    """With its secret when it is in there."""
    if json:
        as_json(token)
        return
    properties = [
        ("AccessorID", token["AccessorID"]),
        ("SecretID", token.get("SecretID")),
        ("Description", token.get("Description") or ""),
        ("Local", str(token["Local"]).lower()),
        ("Auth Method", token.get("AuthMethod")),
        ("Create Time", token.get("CreateTime")),
        ("Expiration Time", token.get("ExpirationTime")),
    ]
    fields([(name, value) for name, value in properties if value is not None])
    for title, lines in sections(token):
        section(title, lines)
    for policy in token.get("ExpandedPolicies") or ():
        done("")
        fields([("Policy", policy["Description"] if _is_made_up(policy) else policy["Name"])])
        text(policy["Rules"].strip())


def _is_made_up(policy: dict[str, Json]) -> bool:
    """What an identity stands for has a name that nobody gave it."""
    return str(policy["Name"]).startswith("synthetic-policy-")
