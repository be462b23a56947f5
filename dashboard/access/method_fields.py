"""An auth method as the fields of a form, and back; a secret comes in and never goes out."""

import re
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from dashboard.params import Params
from meshcore.acl.types import AuthMethod, JwtConfig, KubernetesConfig
from meshcore.lib import durations
from meshcore.lib.errors import InvalidError

PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\n?", re.DOTALL)
LONGEST = 256 * 1024
TYPES = ("jwt", "kubernetes")


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """Lists are typed with commas, mappings with a line for each: `claim = name`."""

    name: str = ""
    display_name: str = ""
    description: str = ""
    max_token_ttl: str = ""
    token_locality: str = "local"  # noqa: S105 no secret
    public_keys: str = ""
    jwks_url: str = ""
    jwks_ca_pem: str = ""
    discovery_url: str = ""
    discovery_ca_pem: str = ""
    issuer: str = ""
    audiences: str = ""
    algorithms: str = ""
    claim_mappings: str = ""
    list_claim_mappings: str = ""
    expiration_leeway: str = ""
    not_before_leeway: str = ""
    clock_skew_leeway: str = ""
    host: str = ""
    ca_pem: str = ""


def fields_in(form: Params) -> Fields:
    typed = {}
    for field in msgspec.structs.fields(Fields):
        text = form.get(field.name).replace("\r\n", "\n").strip()
        if len(text) > LONGEST:
            raise InvalidError(f"{field.name} is longer than {LONGEST} characters")
        typed[field.name] = text
    return Fields(**typed)


def fields_of(method: AuthMethod) -> Fields:
    common = Fields(
        name=method.name,
        display_name=method.display_name,
        description=method.description,
        max_token_ttl=duration_text(method.max_token_ttl),
        token_locality=method.token_locality,
    )
    config = method.config
    if isinstance(config, KubernetesConfig):
        return msgspec.structs.replace(common, host=config.host, ca_pem=config.ca_pem)
    return msgspec.structs.replace(
        common,
        public_keys="\n".join(key.strip() for key in config.public_keys),
        jwks_url=config.jwks_url,
        jwks_ca_pem=config.jwks_ca_pem,
        discovery_url=config.discovery_url,
        discovery_ca_pem=config.discovery_ca_pem,
        issuer=config.issuer,
        audiences=", ".join(config.audiences),
        algorithms=", ".join(config.algorithms),
        claim_mappings=mapping_text(config.claim_mappings),
        list_claim_mappings=mapping_text(config.list_claim_mappings),
        expiration_leeway=duration_text(config.expiration_leeway),
        not_before_leeway=duration_text(config.not_before_leeway),
        clock_skew_leeway=duration_text(config.clock_skew_leeway),
    )


def method_of(fields: Fields, type_: str, *, sealed_reviewer_jwt: bytes) -> AuthMethod:
    """Raise InvalidError that names the field in which something wrong is typed."""
    config = (
        jwt_of(fields)
        if type_ == "jwt"
        else KubernetesConfig(
            host=fields.host.rstrip("/"),
            ca_pem=with_newline(fields.ca_pem),
            sealed_reviewer_jwt=sealed_reviewer_jwt,
        )
    )
    return AuthMethod(
        name=fields.name,
        config=config,
        display_name=fields.display_name,
        description=fields.description,
        max_token_ttl=duration(fields.max_token_ttl, "Tokens last"),
        token_locality="global" if fields.token_locality == "global" else "local",  # noqa: S105
    )


def jwt_of(fields: Fields) -> JwtConfig:
    return JwtConfig(
        public_keys=keys_in(fields.public_keys),
        jwks_url=fields.jwks_url,
        jwks_ca_pem=with_newline(fields.jwks_ca_pem),
        discovery_url=fields.discovery_url,
        discovery_ca_pem=with_newline(fields.discovery_ca_pem),
        issuer=fields.issuer,
        audiences=listed(fields.audiences),
        algorithms=listed(fields.algorithms),
        claim_mappings=mapping(fields.claim_mappings, "Claims"),
        list_claim_mappings=mapping(fields.list_claim_mappings, "Lists of claims"),
        expiration_leeway=duration(fields.expiration_leeway, "Expiration leeway"),
        not_before_leeway=duration(fields.not_before_leeway, "Not-before leeway"),
        clock_skew_leeway=duration(fields.clock_skew_leeway, "Clock skew"),
    )


def keys_in(text: str) -> tuple[str, ...]:
    if PEM.sub("", text).strip():
        raise InvalidError("Public keys: there is something between the keys that is no PEM")
    return tuple(PEM.findall(text if not text or text.endswith("\n") else f"{text}\n"))


def with_newline(pem: str) -> str:
    """As a file has it, so that reading and saving again changes nothing."""
    return f"{pem}\n" if pem else ""


def listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def mapping(text: str, label: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        claim, sign, name = (part.strip() for part in line.partition("="))
        if not (claim and sign and name):
            raise InvalidError(f'{label}: "{line.strip()}" is no mapping: write it as claim = name')
        if claim in pairs:
            raise InvalidError(f"{label}: the claim {claim} stands there twice")
        pairs[claim] = name
    return pairs


def mapping_text(pairs: Mapping[str, str]) -> str:
    return "\n".join(f"{claim} = {name}" for claim, name in pairs.items())


def duration(text: str, label: str) -> timedelta:
    if not text:
        return timedelta()
    try:
        return durations.parse(text)
    except InvalidError as error:
        raise InvalidError(f"{label}: {error}") from error


def duration_text(value: timedelta) -> str:
    return durations.render(value) if value else ""
