"""A compact map from UUID texts to numbers: which of a million ids was seen before, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Halves = NDArray[np.uint64]
Number = TypeVar("Number", np.uint64, np.int64)

_NOBODY = "0" * 32
_FRESH = 32768
_GROWTH = 4


class _Run(NamedTuple):
    """Ids as two halves, sorted by the first, which no two of them share, and their numbers."""

    heads: Halves
    tails: Halves
    numbers: NDArray[np.int64]

    def places(self, heads: Halves) -> NDArray[np.intp]:
        """Return where each of ``heads``, which are sorted, stands or would stand; a run is never empty."""
        return np.minimum(np.searchsorted(self.heads, heads), len(self.heads) - 1)

    def merge(self, other: _Run) -> _Run:
        """Return both as one, in linear time; no head is in both."""
        places = np.searchsorted(self.heads, other.heads) + np.arange(len(other.heads))
        others = np.zeros(len(self.heads) + len(other.heads), dtype=bool)
        others[places] = True
        return _Run(
            _interleave(self.heads, other.heads, others),
            _interleave(self.tails, other.tails, others),
            _interleave(self.numbers, other.numbers, others),
        )


def _interleave(first: NDArray[Number], second: NDArray[Number], is_second: NDArray[np.bool_]) -> NDArray[Number]:
    merged = np.empty(len(is_second), dtype=first.dtype)
    merged[is_second] = second
    merged[~is_second] = first
    return merged


class IdIndex:
    """First occurrence wins: an id keeps the number it was first added with.

    The newest ids are kept in a dict, older ones as 16 bytes each in a few sorted runs (24 bytes an id with its
    number), merged so that each run is at least four times as long as the next: adding n ids costs O(n log n).
    What no runtime writes is kept in a plain dict, so that it costs memory and no time: ids with upper-case letters
    (they differ from those in lower case), and ids that share their first half with another.
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
        known = self._search(ids, joined)
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
            found = self._search(ids, joined)
        else:
            lower = [text if text.lower() == text else _NOBODY for text in ids]
            known = self._search(lower, "".join(lower))
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

    def _search(self, ids: Sequence[str], joined: str) -> dict[int, int]:
        found: dict[int, int] = {}
        if not self._runs:
            return found
        heads, tails = _pack(joined)
        order = np.argsort(heads)  # neighbours are found in memory that was just read
        heads, tails = heads[order], tails[order]
        for run in self._runs:
            places = run.places(heads)
            for hit in np.flatnonzero(run.heads[places] == heads).tolist():
                index, place = int(order[hit]), int(places[hit])
                if run.tails[place] == tails[hit]:
                    found[index] = int(run.numbers[place])
                elif ids[index] in self._odd:
                    found[index] = self._odd[ids[index]]
        return found

    def _freeze(self) -> None:
        """Turn the newest ids into a run; those that share their first half with another id are set apart."""
        texts, numbers = list(self._fresh), np.fromiter(self._fresh.values(), np.int64, len(self._fresh))
        heads, tails = _pack("".join(texts))
        order = np.argsort(heads, kind="stable")
        run = _Run(heads[order], tails[order], numbers[order])
        alone = np.ones(len(texts), dtype=bool)
        alone[1:] = run.heads[1:] != run.heads[:-1]
        for older in self._runs:
            alone &= older.heads[older.places(run.heads)] != run.heads
        for index in order[~alone].tolist():
            self._odd[texts[index]] = self._fresh[texts[index]]
        run = _Run(run.heads[alone], run.tails[alone], run.numbers[alone])
        self._fresh = {}
        while self._runs and len(self._runs[-1].heads) < _GROWTH * len(run.heads):
            run = self._runs.pop().merge(run)
        if len(run.heads):
            self._runs.append(run)


def _pack(joined: str) -> tuple[Halves, Halves]:
    """Return the first and the second 64 bits of each id."""
    both = np.frombuffer(bytes.fromhex(joined.replace("-", "")), dtype=">u8").astype(np.uint64)
    return both[0::2].copy(), both[1::2].copy()
