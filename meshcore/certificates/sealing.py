"""Secrets at rest: AES-256-GCM under keys that can be replaced one by one.

A sealed secret reads `tulle1:<key id>:<nonce><ciphertext>`. The key id tells which key of several
opens it, so that a new key can seal while older ones still open. The context (what the secret
belongs to) is authenticated with it: a sealed key that is moved to another row does not open.

Key generation and nonces take their randomness from the operating system, everything else here is
deterministic.
"""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from meshcore.lib.errors import InvalidError, MeshError

VERSION = b"tulle1"
KEY_BYTES = 32
NONCE_BYTES = 12
SEALED = re.compile(VERSION + rb":([0-9a-f]{16}):(.{12})(.{16,})", re.DOTALL)


class SealingError(MeshError):
    """Names the key by its id; neither the secret nor the key is in the sentence."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The key itself is inside the cipher alone, so that no repr, comparison or copy shows it."""

    id: str
    cipher: AESGCM = field(repr=False, compare=False)


def generate() -> str:
    """Return a new key as the text that a key file holds."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def parse(text: str) -> SealingKey:
    """Read 32 bytes in hex or base64, either alphabet."""
    secret = _decoded(text.strip())
    if len(secret) != KEY_BYTES:
        raise InvalidError(f"a sealing key is {KEY_BYTES} bytes in base64 or hex")
    key_id = hashlib.sha256(b"tulle sealing key id\0" + secret).hexdigest()[:16]
    return SealingKey(id=key_id, cipher=AESGCM(secret))


def seal(plaintext: bytes, *, key: SealingKey, context: str) -> bytes:
    prefix = b"%b:%b:" % (VERSION, key.id.encode())
    nonce = os.urandom(NONCE_BYTES)
    return prefix + nonce + key.cipher.encrypt(nonce, plaintext, prefix + context.encode())


def unseal(sealed: bytes, *, keys: Iterable[SealingKey], context: str) -> bytes:
    """Open what any of the keys has sealed for this very context."""
    key_id = sealed_under(sealed)
    key = next((key for key in keys if key.id == key_id), None)
    if key is None:
        raise SealingError(f"{context} is sealed under key {key_id}, which is not at hand")
    prefix_end = len(VERSION) + len(key_id) + 2
    prefix, body = sealed[:prefix_end], sealed[prefix_end:]
    try:
        return key.cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], prefix + context.encode())
    except InvalidTag:
        raise SealingError(
            f"{context} does not open with key {key_id}: altered, or sealed for another place"
        ) from None


def sealed_under(sealed: bytes) -> str:
    """The id of the key that opens it, for finding what a replaced key still has to open."""
    match = SEALED.fullmatch(sealed)
    if match is None:
        raise SealingError("not a sealed secret: its first bytes are none that were ever written")
    return match[1].decode()


def _decoded(text: str) -> bytes:
    try:
        if len(text) == 2 * KEY_BYTES:
            return bytes.fromhex(text)
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
    except (ValueError, binascii.Error):
        return b""  # the error's own text could show part of the key
