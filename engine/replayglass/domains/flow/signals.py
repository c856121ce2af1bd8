"""Signals: how a path splits into segments, and which paths a pattern matches (flow-vm, sections 4.5.3 and 8.3)."""

from __future__ import annotations

import re

from replayglass.domains.flow.names import size

_MAX_SEGMENTS = 4
_MAX_SEGMENT = 63
_DELIMITERS = re.compile("([/:])")


def segments(path: str) -> tuple[str, ...] | None:
    """Return the segments of a signal path without its domain prefixes; None if it is malformed."""
    parts = _DELIMITERS.split(path)
    if parts[-1]:
        parts.append("")
    stored: list[str] = []
    for segment, delimiter in zip(parts[:-1:2], parts[1::2], strict=True):
        if not segment:
            return None
        if delimiter == ":" and not stored:
            continue
        stored.append(segment)
    if not 0 < len(stored) <= _MAX_SEGMENTS or any(size(segment) > _MAX_SEGMENT for segment in stored):
        return None
    return tuple(stored)


def is_glob(pattern: str) -> bool:
    """Say whether ``pattern`` has wildcards."""
    return "*" in pattern or "?" in pattern


def matches(pattern: str, signal: str, *, real: bool) -> bool:
    """Say whether ``pattern`` matches ``signal``.

    ``*`` is any run, ``?`` exactly one byte. Unless the globs are ``real``, the stars that a pattern begins with are
    forgotten: ``*foo`` is ``foo``, and only a pattern of stars matches everything.
    """
    if not is_glob(pattern):
        return pattern == signal
    if not real and pattern.startswith("*"):
        pattern = pattern.lstrip("*") or "*"
    if pattern.isascii() and signal.isascii():
        return _glob(pattern, signal)
    return _glob(_bytewise(pattern), _bytewise(signal))


def _bytewise(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _glob(pattern: str, signal: str) -> bool:
    """Match greedily and go back to the last star only, which takes time in proportion to both lengths multiplied."""
    at = place = 0
    star, resume = -1, 0
    while place < len(signal):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", signal[place]):
            at += 1
            place += 1
        elif star >= 0:
            resume += 1
            at, place = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")
