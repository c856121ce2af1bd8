"""A compact map from UUID texts to numbers: which of a million ids was seen before, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Halves = NDArray[np.uint64]

_NOBODY = "0" * 32
_FRESH = 8192
_GROWTH = 4


class _Run(NamedTuple):
    """Ids as two halves, sorted by both, and their numbers; the halves are searched one after the other."""

    heads: Halves
    tails: Halves
    numbers: NDArray[np.int64]

    def find(self, head: np.uint64, tail: np.uint64) -> int | None:
        first = int(np.searchsorted(self.heads, head, "left"))
        last = int(np.searchsorted(self.heads, head, "right"))
        place = first + int(np.searchsorted(self.tails[first:last], tail))
        return int(self.numbers[place]) if place < last and self.tails[place] == tail else None


class IdIndex:
    """First occurrence wins: an id keeps the number it was first added with.

    The newest ids are kept in a dict, older ones as 16 bytes each in a few sorted runs (24 bytes an id with its
    number), merged so that each run is at least four times as long as the next: adding n ids costs O(n log n).
    UUIDs that differ only in the case of their letters are different ids; those with upper-case letters, which no
    runtime writes, are kept in a plain dict.
    """

    def __init__(self) -> None:
        self._fresh: dict[str, int] = {}
        self._odd: dict[str, int] = {}
        self._runs: list[_Run] = []

    def add(self, ids: Sequence[str], numbers: Sequence[int]) -> dict[int, int]:
        """Add ``ids[i]`` with ``numbers[i]``; return {i: the number it has already} for those that were known."""
        joined = "".join(ids)
        if joined.lower() != joined:
            known = self._add_one_by_one(ids, numbers)
        else:
            known = self._add_together(ids, numbers, joined)
        if len(self._fresh) > _FRESH:
            self._freeze()
        return known

    def _add_together(self, ids: Sequence[str], numbers: Sequence[int], joined: str) -> dict[int, int]:
        known = self._search(joined)
        fresh = self._fresh
        if not known and fresh.keys().isdisjoint(ids) and len(set(ids)) == len(ids):
            fresh.update(zip(ids, numbers, strict=True))
        else:
            for index, text in enumerate(ids):
                if index in known:
                    continue
                if text in fresh:
                    known[index] = fresh[text]
                else:
                    fresh[text] = numbers[index]
        return known

    def find(self, text: str) -> int | None:
        """Return the number of the id ``text``, or None."""
        return self.find_many([text]).get(0)

    def find_many(self, ids: Sequence[str]) -> dict[int, int]:
        """Return {i: the number of ids[i]} for those that are known."""
        fresh, joined = self._fresh, "".join(ids)
        if joined.lower() == joined:
            found = self._search(joined)
        else:
            lower = [text if text.lower() == text else _NOBODY for text in ids]
            known = self._search("".join(lower))
            found = {index: number for index, number in known.items() if lower[index] is ids[index]}
            found.update((index, self._odd[text]) for index, text in enumerate(ids) if text in self._odd)
        if not fresh.keys().isdisjoint(ids):
            found.update((index, fresh[text]) for index, text in enumerate(ids) if text in fresh)
        return found

    def _add_one_by_one(self, ids: Sequence[str], numbers: Sequence[int]) -> dict[int, int]:
        known = {}
        for index, (text, number) in enumerate(zip(ids, numbers, strict=True)):
            earlier = self.find(text)
            if earlier is not None:
                known[index] = earlier
            else:
                (self._fresh if text.lower() == text else self._odd)[text] = number
        return known

    def _search(self, joined: str) -> dict[int, int]:
        found: dict[int, int] = {}
        if not self._runs:
            return found
        heads, tails = _pack(joined)
        for run in self._runs:
            places = np.minimum(np.searchsorted(run.heads, heads), len(run.heads) - 1)
            for index in np.flatnonzero(run.heads[places] == heads).tolist():
                number = run.find(heads[index], tails[index])
                if number is not None:
                    found[index] = number
        return found

    def _freeze(self) -> None:
        heads, tails = _pack("".join(self._fresh))
        run = _Run(heads, tails, np.fromiter(self._fresh.values(), np.int64, len(self._fresh)))
        self._fresh = {}
        while self._runs and len(self._runs[-1].heads) < _GROWTH * len(run.heads):
            older = self._runs.pop()
            run = _Run(
                np.concatenate([older.heads, run.heads]),
                np.concatenate([older.tails, run.tails]),
                np.concatenate([older.numbers, run.numbers]),
            )
        order = np.lexsort((run.tails, run.heads))
        self._runs.append(_Run(run.heads[order], run.tails[order], run.numbers[order]))


def _pack(joined: str) -> tuple[Halves, Halves]:
    """Return the first and the second 64 bits of each id."""
    both = np.frombuffer(bytes.fromhex(joined.replace("-", "")), dtype=">u8").astype(np.uint64)
    return both[0::2].copy(), both[1::2].copy()
