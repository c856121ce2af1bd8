"""Ed25519 keys as signed notes name them (C2SP signed-note; verifiable-log.md sections 1.6, 1.7).

Signing and verifying need the package ``cryptography``, an optional extra that is loaded only when a key is used.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from replayglass.errors import InputError
from replayglass.proof.failure import ProofError
from replayglass.proof.text import decode_base64, is_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = 0x01
"""Type of a key that signs the note's text."""

COSIGNATURE = 0x04
"""Type of a witness's key: cosignature/v1, which signs a time and the text."""

SIGNATURE_BYTES = 64
_KEY_BYTES = 32
_TIME_BYTES = 8
_VKEY = re.compile(r"(?P<name>[^+]+)\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/=]+)", re.DOTALL)


class Verifier(NamedTuple):
    """A public key: its name, type (`ED25519` or `COSIGNATURE`) and 32 bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the 4 bytes by which a signature line refers to the key: a hint where to look, not a proof."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """Return the key as one word: ``NAME+ID+KEY``."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def verifies(self, text: bytes, blob: bytes) -> bool:
        """Tell whether ``blob`` (what follows the key id in a signature line) is this key's signature of ``text``.

        Raises:
            InputError: the extra for signing is not installed.
        """
        if self.kind == COSIGNATURE:
            time, blob = blob[:_TIME_BYTES], blob[_TIME_BYTES:]
            text = b"cosignature/v1\ntime %d\n%b" % (int.from_bytes(time), text)
        return len(blob) == SIGNATURE_BYTES and _verifies(self.public, text, blob)


class Signer(NamedTuple):
    """A private key: what verifies it, and the function that signs a text with it."""

    verifier: Verifier
    sign: Callable[[bytes], bytes]


def parse_vkey(text: str) -> Verifier:
    """Return the key that ``text`` spells.

    Raises:
        ProofError: it is no key of the known types, or its parts do not belong together.
    """
    match = _VKEY.fullmatch(text)
    if match is None or not is_name(match["name"]):
        message = "not a verifier key (NAME+ID+KEY)"
        raise ProofError(message)
    key = decode_base64(match["key"].encode())
    if len(key) != 1 + _KEY_BYTES or key[0] not in (ED25519, COSIGNATURE):
        message = "not a verifier key of Ed25519 or cosignature/v1"
        raise ProofError(message)
    verifier = Verifier(match["name"], key[0], key[1:])
    if verifier.key_id.hex() != match["id"]:
        message = "the id in the verifier key is not that of its name and key"
        raise ProofError(message)
    return verifier


def signer_from_pem(name: str, pem: bytes) -> Signer:
    """Return the Ed25519 key in ``pem`` (PKCS #8, as ``openssl genpkey -algorithm ed25519`` writes it) under a name.

    Raises:
        InputError: it is no such key, it is encrypted, or the extra for signing is not installed.
        ProofError: ``name`` cannot be the name of a key.
    """
    if not is_name(name):
        message = "the name of a key has no white space and no plus sign"
        raise ProofError(message)
    key = _load_pem(pem)
    return Signer(Verifier(name, ED25519, key.public_key().public_bytes_raw()), key.sign)


def _load_pem(pem: bytes) -> Ed25519PrivateKey:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an optional extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an optional extra
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - the same
    except ImportError:
        raise _missing() from None
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key
    message = "the signing key is not an unencrypted Ed25519 private key in PEM"
    raise InputError(message, "make one with: openssl genpkey -algorithm ed25519 -out KEY.pem")


def _verifies(public: bytes, text: bytes, signature: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an optional extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise _missing() from None
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _missing() -> InputError:
    return InputError("signing needs the extra: pip install 'replayglass[sign]'")
