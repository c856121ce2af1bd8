"""Tells fast which detectors are worth running: four bytes at once, at all four alignments, whatever their case."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from replayglass.secretscan.detectors import DETECTORS, Detector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CHUNK = 1 << 18
"""Bytes looked at at a time: what is made of them stays in the processor's cache."""

_WIDTH = 4
_LOWER_CASE = np.uint32(0x20202020)
_WITHOUT_THIRD = np.uint32(0xFF00FFFF)
_RARE = b" /=jz"


class _Marks(NamedTuple):
    """The marks of the detectors, each with the detector's name.

    ``rare`` have a byte (in lower and upper case) that is seldom there, and None for a word if it is all they have;
    ``whole`` are four bytes as a number, ``masked`` the first, second and fourth of them.
    """

    rare: tuple[tuple[bytes, bytes, np.uint32 | None, str], ...]
    whole: tuple[tuple[np.uint32, str], ...]
    masked: tuple[tuple[np.uint32, str], ...]


def suspects(text: bytes) -> tuple[Detector, ...]:
    """Return the detectors of which a mark occurs in ``text``: all that can match, and seldom any other."""
    found = {
        name for start in range(0, len(text), CHUNK) for name in _in_chunk(text[start : start + CHUNK + _WIDTH - 1])
    }
    return tuple(detector for detector in DETECTORS if detector.name in found)


def _in_chunk(chunk: bytes) -> Iterator[str]:
    marks = _marks()
    words = _words(chunk)
    for lower, upper, word, name in marks.rare:
        if (lower in chunk or upper in chunk) and (word is None or (words == word).any()):
            yield name
    for word, name in marks.whole:
        if (words == word).any():
            yield name
    np.bitwise_and(words, _WITHOUT_THIRD, out=words)
    for word, name in marks.masked:
        if (words == word).any():
            yield name


def _words(chunk: bytes) -> NDArray[np.uint32]:
    """Return every four consecutive bytes as a number, in lower case."""
    padded = chunk.ljust(2 * _WIDTH, b"\0")
    shifted = [np.frombuffer(padded, "<u4", (len(padded) - shift) // _WIDTH, shift) for shift in range(_WIDTH)]
    words = np.concatenate(shifted)
    np.bitwise_or(words, _LOWER_CASE, out=words)
    return words


@cache
def _marks() -> _Marks:
    marks = [(mark, detector.name) for detector in DETECTORS for mark in detector.marks]
    rare = [(_rare(mark), mark, name) for mark, name in marks if _rare(mark)]
    common = [(mark, name) for mark, name in marks if not _rare(mark)]
    return _Marks(
        tuple((byte, byte.upper(), None if mark == byte else _word(mark), name) for byte, mark, name in rare),
        tuple((_word(mark), name) for mark, name in common if b"?" not in mark),
        tuple((_word(mark) & _WITHOUT_THIRD, name) for mark, name in common if b"?" in mark),
    )


def _rare(mark: bytes) -> bytes:
    """Return the byte of ``mark`` that few logs hold, if there is one: looking for a byte costs next to nothing."""
    return next((bytes([byte]) for byte in mark if byte in _RARE), b"")


def _word(mark: bytes) -> np.uint32:
    return np.uint32(int.from_bytes(mark, "little")) | _LOWER_CASE
