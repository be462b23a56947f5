"""The key under which secrets are kept at rest, and other keys derived from it."""

import hashlib
import hmac
import secrets

from meshcore.configuration import parsers, private_files
from meshcore.configuration.parsers import ALLOWED
from meshcore.configuration.types import Configuration
from meshcore.lib.errors import InvalidError


def read_or_create(configuration: Configuration) -> bytes:
    """Return 32 bytes; raise InvalidError where the file is open to others or holds no key."""
    if not configuration.secret_key and not configuration.secret_key_file.exists():
        private_files.create(configuration.secret_key_file, secrets.token_hex(32))
    found = read(configuration)
    assert found is not None, "its file is there now"
    return found


def read(configuration: Configuration) -> bytes | None:
    """None where there is no key yet."""
    if configuration.secret_key:
        return bytes.fromhex(configuration.secret_key)
    file = configuration.secret_key_file
    if not file.exists():
        return None
    content = private_files.read(file, what="the key to every secret")
    try:
        return bytes.fromhex(parsers.secret_key(content))
    except ValueError:
        takes = ALLOWED[parsers.secret_key]
        raise InvalidError(f"{file} holds no key; it takes {takes}") from None


def derive(key: bytes, *, purpose: str) -> bytes:
    """Return a key that is of no use for any other purpose, nor for finding the first one."""
    return hmac.digest(key, purpose.encode(), hashlib.sha256)
