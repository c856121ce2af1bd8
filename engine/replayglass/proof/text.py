"""The text forms that notes, checkpoints, keys and proofs are made of, each with exactly one spelling."""

import re
from base64 import b64decode, b64encode
from binascii import Error

from replayglass.proof.failure import ProofError

MAX_SIZE = (1 << 63) - 1
"""Largest number of leaves of a log (verifiable-log.md section 2)."""

_DECIMAL = re.compile(rb"0|[1-9][0-9]{0,18}")
_CONTROLS = re.compile(rb"[\x00-\x09\x0b-\x1f]")


def decode_base64(text: bytes) -> bytes:
    """Return the bytes that ``text`` is the base64 of: standard alphabet, padded, no stray bits, nothing else.

    Raises:
        ProofError: it is not that.
    """
    try:
        data = b64decode(text, validate=True)
    except Error:
        data = b""
    if b64encode(data) != text:  # decoding alone takes stray trailing bits
        message = "not standard base64"
        raise ProofError(message)
    return data


def decode_hash(text: bytes) -> bytes:
    """Return the 32 bytes that ``text`` is the base64 of.

    Raises:
        ProofError: it is not that.
    """
    data = decode_base64(text)
    if len(data) != 32:  # noqa: PLR2004 - SHA-256
        message = f"a hash has 32 bytes, not {len(data)}"
        raise ProofError(message)
    return data


def decode_decimal(text: bytes) -> int:
    """Return the number 0 to 2^63 - 1 that ``text`` spells in ASCII digits without leading zero or sign.

    Raises:
        ProofError: it is not that.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        message = "not a plain decimal number below 2^63"
        raise ProofError(message)
    return int(text)


def decode_text(data: bytes) -> str:
    """Return ``data`` as text: UTF-8 without control characters below U+0020, except LF (signed-note).

    Raises:
        ProofError: it is not that.
    """
    if _CONTROLS.search(data):
        message = "a control character in the text"
        raise ProofError(message)
    try:
        return data.decode()
    except UnicodeDecodeError:
        message = "not UTF-8"
        raise ProofError(message) from None


def is_name(name: str) -> bool:
    """Tell whether ``name`` can be an origin or a key name: no white space, no control character, no plus sign."""
    return bool(name) and "+" not in name and not any(sign.isspace() or sign < " " for sign in name) and _is_utf8(name)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
