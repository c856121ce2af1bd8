"""Names, and ids of any other form: cut to a bounded length, and in the order in which a browser compares texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from replayglass.canon import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 48
"""Characters of a name that are kept; what is cut away is said by a digest."""

_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_PLAIN = re.compile(r"[A-Za-z0-9 ._:@/-]+")
_WIDEST, _UNIT = 8, 64


class Name(NamedTuple):
    """A name of a ``kind`` and the row where it stands first; ``key`` is what is compared with a query."""

    key: str
    text: str
    kind: int
    row: int

    @property
    def weight(self) -> int:
        """Return how much of a file it takes, an id being 1: at most 64 bytes of text for each."""
        others = len(_PLAIN.sub("", self.text))
        return 1 + (len(self.text) + (_WIDEST - 1) * others) // _UNIT


def shortened(text: str) -> str:
    """Return a name as it is indexed: without lone surrogates, which no file can hold, and not too long."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if len(whole) <= LONGEST:
        return whole
    return f"{whole[:LONGEST]}\u2026{digest(whole.encode())[:8]}"


def key_of(text: str) -> str:
    """Return a name in lower case: A to Z only, since what other letters become depends on the version of Unicode."""
    return text.translate(_LOWER)


def in_order(rows: Mapping[int, Mapping[str, int]]) -> list[Name]:
    """Return the names of each kind in order of their keys, by UTF-16 code units as browsers compare."""
    names = [Name(key_of(text), text, kind, row) for kind, own in rows.items() for text, row in own.items()]
    return sorted(names, key=lambda name: (_units(name.key), _units(name.text), name.kind))


def _units(text: str) -> bytes:
    return text.encode("utf-16-be")
