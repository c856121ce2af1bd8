"""Terms in order, cut into leaves: each a script for the search box and a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.cell import Link
from replayglass.listing import Kind, Listing
from replayglass.logscript import script_json
from replayglass.lookup.ids import BARE, DIGITS
from replayglass.page import Blob, Neighbours, Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from replayglass.cell import Cell
    from replayglass.lookup.ids import Ids
    from replayglass.lookup.names import Name
    from replayglass.page import Artifact
    from replayglass.row import Collection

FOLDER = "lookup"
LEAF = 2048
"""Ids of a leaf: two elements of its page for each."""

_FRAME = 24 * 1024
_TERM = 144
"""Bytes kept free for what a page has beside its terms, and bytes of a page that an id takes at most."""

_SEPARATOR = 16
"""Characters of a separator that are kept, where there is room."""


def kind_of(place: Collection, words: str = "") -> Kind:
    """Return what leads to the rows of a collection: the rows themselves, if no other words are given."""
    return Kind(words or place.one, place.folder, place.mark, place.size)


def capacity(limit: int) -> int:
    """Return how many ids a leaf of files of at most ``limit`` bytes has."""
    return min(LEAF, (limit - _FRAME) // _TERM)


def segment_folder(segment: int) -> str:
    """Return the folder of the leaves of a segment."""
    return f"{FOLDER}/{segment:06d}"


class Family(NamedTuple):
    """Terms in order and their leaves: ``name`` is before the number of each of their files.

    Leaf i has the terms that are not before ``separators[i]``, and before the next one; the first is the empty text.
    """

    name: str
    words: str
    separators: list[str]
    lines: Sequence[Sequence[Cell]]


class Leaves:
    """Makes the leaves of one segment; what was made of each family is in ``families``."""

    def __init__(self, kinds: tuple[Kind, ...], segment: int, limit: int) -> None:
        self.families: list[Family] = []
        self._kinds = kinds
        self._folder = segment_folder(segment)
        self._capacity = capacity(limit)

    def ids(self, name: str, words: str, ids: Ids) -> Iterator[Artifact]:
        """Give the leaves of ``ids``, which are in order."""
        size = self._capacity
        digits, separators, lines = ids.digits(), [""], []
        for start in range(0, len(ids), size):
            part = ids.part(start, start + size)
            own = digits[start * DIGITS : (start + len(part)) * DIGITS]
            if start:
                before = digits[(start - 1) * DIGITS : start * DIGITS]
                separators.append(_separator(before, own[:DIGITS]))
            lines.append((f"{own[:8]}\u2026 to {own[-DIGITS:][:8]}\u2026", len(part)))
            kinds = part.kinds.tolist()
            fields = {"ids": own, "kinds": _letters(kinds), "rows": part.rows.tolist()}
            which = [kind % BARE for kind in kinds]
            listing = Listing(self._kinds, part.texts(), which, part.rows.tolist())
            yield from self._leaf(name, words, len(lines) - 1, fields, listing, is_last=start + size >= len(ids))
        self._add(name, words, separators, lines)

    def names(self, names: Sequence[Name]) -> Iterator[Artifact]:
        """Give the leaves of ``names``, which are in order."""
        words, separators, lines = "Names", [""], []
        parts = list(_cut(names, self._capacity))
        for number, part in enumerate(parts):
            if number:
                separators.append(_separator(parts[number - 1][-1].key, part[0].key))
            lines.append((f"{part[0].text} to {part[-1].text}", len(part)))
            kinds, rows, texts = [one.kind for one in part], [one.row for one in part], [one.text for one in part]
            fields = {"names": texts, "kinds": _letters(kinds), "rows": rows}
            listing = Listing(self._kinds, texts, kinds, rows)
            yield from self._leaf("names-", words, number, fields, listing, is_last=number == len(parts) - 1)
        self._add("names-", words, separators, lines)

    def _add(self, name: str, words: str, separators: list[str], lines: Sequence[tuple[str, int]]) -> None:
        linked = [
            (Link(text, f"{self._folder}/{name}{number:04d}.html"), count) for number, (text, count) in enumerate(lines)
        ]
        self.families.append(Family(name, words, separators if lines else [], linked))

    def _leaf(  # noqa: PLR0913 - what a leaf is made of
        self, name: str, words: str, number: int, fields: Mapping[str, object], listing: Listing, *, is_last: bool
    ) -> Iterator[Artifact]:
        stem = f"{self._folder}/{name}"
        path = f"{stem}{number:04d}"
        yield Blob(f"{path}.js", call("terms", path.removeprefix(f"{FOLDER}/"), fields))
        previous = f"{stem}{number - 1:04d}.html" if number else None
        around = Neighbours(previous, None if is_last else f"{stem}{number + 1:04d}.html", f"{self._folder}.html")
        intro = "In order, each with the place where it stands first among these events."
        yield Page(f"{path}.html", f"{words}, list {number}", FOLDER, [listing], intro, around)


def call(function: str, *arguments: object) -> bytes:
    """Return a classic script that hands ``arguments`` to the search box of the page that loads it."""
    return b"replayglassLookup.%s(%s);\n" % (function.encode(), b",".join(map(script_json, arguments)))


def fitted(families: Sequence[Sequence[str]], room: int) -> list[list[str]]:
    """Return separators cut to as many characters as have room in a file: a shorter one only admits more terms."""
    length = _SEPARATOR
    while True:
        cut = [[text[:length] for text in separators] for separators in families]
        if length == 1 or len(script_json(cut)) <= room:
            return cut
        length -= 1


def _cut(names: Sequence[Name], size: int) -> Iterator[Sequence[Name]]:
    start = weight = 0
    for place, name in enumerate(names):
        own = name.weight
        if weight and weight + own > size:
            yield names[start:place]
            start, weight = place, 0
        weight += own
    if weight:
        yield names[start:]


def _separator(before: str, first: str) -> str:
    """Return the shortest begin of ``first`` that stands behind ``before``, or all of it if both are the same."""
    same = next((place for place, (one, other) in enumerate(zip(before, first, strict=False)) if one != other), None)
    return first[: (min(len(before), len(first)) if same is None else same) + 1]


def _letters(kinds: Sequence[int]) -> str:
    """Return a letter for each kind, a capital for an id without dashes."""
    return bytes([kind + ord("a") if kind < BARE else kind - BARE + ord("A") for kind in kinds]).decode()
