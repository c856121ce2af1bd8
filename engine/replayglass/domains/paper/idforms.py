"""Ids as the log writes them, many at once: text to the two words that were hashed, and words to text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from replayglass.domains.paper.ids import as_uuid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from replayglass.domains.paper.fnvector import Words

_BARE, _DASHED = 32, 36
_DASHES = [8, 13, 18, 23]
_DIGITS = [place for place in range(_DASHED) if place not in _DASHES]
_NO_DIGIT = 16
_VALUES = np.full(256, _NO_DIGIT, np.uint8)
_VALUES[list(b"0123456789abcdef")] = np.arange(16)


class Claimed(NamedTuple):
    """Ids as words: ``words`` of shape (2, ids); those that are not ``formed`` (ids,) no recipe can derive."""

    words: Words
    formed: NDArray[np.bool_]


def read_ids(texts: Sequence[str], *, dashed: bool = True) -> Claimed:
    """Return the words of ids written with dashes as a UUID, or (order intents) without: lower-case digits only.

    Text of any other form, length or script is not formed; it is never an error.
    """
    width = _DASHED if dashed else _BARE
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    if (lengths != width).any() or not all(map(str.isascii, texts)):
        texts = [text if len(text) == width and text.isascii() else "?" * width for text in texts]
    letters = np.frombuffer("".join(texts).encode(), np.uint8).reshape(len(texts), width)
    values = _VALUES[letters[:, _DIGITS] if dashed else letters]
    formed: NDArray[np.bool_] = np.all(values < _NO_DIGIT, axis=1)
    if dashed:
        formed &= np.all(letters[:, _DASHES] == ord("-"), axis=1)
    words = np.ascontiguousarray(values[:, 0::2] << 4 | values[:, 1::2]).view(">u8")
    return Claimed(words.T.astype(np.uint64), formed)


def write_id(plain: int, salted: int, *, dashed: bool = True) -> str:
    """Return an id's text, given its two words."""
    digits = f"{plain:016x}{salted:016x}"
    return as_uuid(digits) if dashed else digits
