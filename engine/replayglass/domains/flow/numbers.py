"""Numbers as the engine reads them from text, and its hash (flow-vm, sections 1.2 and 10)."""

from __future__ import annotations

import re
from functools import lru_cache
from math import isinf

MASK = 2**64 - 1
"""All arithmetic of whole numbers is modulo 2^64."""

_BLANKS = " \t\n\v\f\r"
_UNSIGNED = re.compile(r"([+-]?)0*([0-9]+)")
_MAX_DIGITS = 20
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"[+-]?0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?[0-9]+)?", re.IGNORECASE)
_WORDS = re.compile(r"[+-]?(?:infinity|inf|nan)", re.IGNORECASE)
_BASIS = 1469598103934665603
_PRIME = 1099511628211


def unsigned(text: str | None) -> int | None:
    """Return the number that ``text`` begins with, as C's strtoull reads it; None without digits or beyond 64 bits.

    Blanks and a sign may come before it (a minus wraps), anything after it.
    """
    if text is None:
        return None
    if len(text) < _MAX_DIGITS and text.isdecimal() and text.isascii():
        return int(text)
    match = _UNSIGNED.match(text.lstrip(_BLANKS))
    if match is None or len(match[2]) > _MAX_DIGITS:
        return None
    value = int(match[2])
    if value > MASK:
        return None
    return -value & MASK if match[1] == "-" else value


def decimal(text: str | None) -> float | None:
    """Return the number that ``text`` begins with, as C's strtod reads it; None without one or beyond its range."""
    if text is None:
        return None
    text = text.lstrip(_BLANKS)
    if match := _WORDS.match(text):
        return float(match[0])
    if match := _HEXADECIMAL.match(text):
        try:
            return float.fromhex(match[0])
        except OverflowError:
            return None
    match = _DECIMAL.match(text)
    value = float(match[0]) if match else None
    return None if value is None or isinf(value) else value


def fnv(text: str | None) -> int:
    """Return the 64-bit FNV-1a of ``text`` with the engine's own basis; 0 for nothing."""
    if not text:
        return 0
    value = _BASIS
    for byte in text.encode("utf-8", "surrogatepass"):
        value = ((value ^ byte) * _PRIME) & MASK
    return value


fnv_known = lru_cache(maxsize=65536)(fnv)
"""`fnv` for texts that come again: choices, contexts, instance ids."""
