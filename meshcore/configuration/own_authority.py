"""The certificate authority that an operator brings: both halves of it, or neither."""

from pathlib import Path
from typing import NamedTuple

from meshcore.configuration import private_files
from meshcore.configuration.types import Configuration
from meshcore.lib.errors import InvalidError


class OwnAuthority(NamedTuple):
    certificates_pem: str
    private_key_pem: str

    def __repr__(self) -> str:
        return "OwnAuthority(***)"


def read(configuration: Configuration) -> OwnAuthority | None:
    """Raise InvalidError that names the setting, or the file and what is wrong with it."""
    certificates = configuration.ca_root_cert or _certificates(configuration.ca_root_cert_file)
    key = configuration.ca_private_key or _key(configuration.ca_private_key_file)
    if certificates and key:
        return OwnAuthority(certificates, key)
    if certificates or key:
        missing = "TULLE_CA_PRIVATE_KEY_FILE" if certificates else "TULLE_CA_ROOT_CERT_FILE"
        raise InvalidError(f"a certificate authority of your own needs {missing} too")
    return None


def _certificates(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"{file} of TULLE_CA_ROOT_CERT_FILE cannot be read: {error}") from None


def _key(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return private_files.read(file, what="the key of a certificate authority")
    except OSError as error:
        raise InvalidError(
            f"{file} of TULLE_CA_PRIVATE_KEY_FILE cannot be read: {error.strerror}"
        ) from None
