"""Whether an auth method could be used at all, which is better known before anybody logs in."""

import ssl

from meshcore.acl.types import AuthMethod, JwtConfig, KubernetesConfig
from meshcore.lib.errors import InvalidError
from meshcore.logins.fetching import tls_context
from meshcore.logins.jwt import is_public_key


def require_usable(method: AuthMethod) -> None:
    """Refuse keys and authorities that could not be read when somebody logs in."""
    match method.config:
        case JwtConfig(public_keys=keys, jwks_ca_pem=of_jwks, discovery_ca_pem=of_discovery):
            for number, key in enumerate(keys, start=1):
                if not is_public_key(key):
                    raise InvalidError(
                        f"key {number} of JWTValidationPubKeys is no public key in PEM"
                    )
            _require_authority(of_jwks, "JWKSCACert")
            _require_authority(of_discovery, "OIDCDiscoveryCACert")
        case KubernetesConfig(ca_pem=ca_pem):
            _require_authority(ca_pem, "CACert")


def _require_authority(ca_pem: str, what: str) -> None:
    if not ca_pem:
        return
    try:
        tls_context(ca_pem)
    except (ssl.SSLError, ValueError) as error:
        raise InvalidError(f"{what} is no certificate in PEM") from error
