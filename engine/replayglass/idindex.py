"""A map from UUID texts to numbers, small in memory: which of a million ids was seen before, and where."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from replayglass.coldrows import ColdRows

if TYPE_CHECKING:
    from collections.abc import Sequence

Words = NDArray[np.uint64]

_NOBODY = "0" * 32
_FRESH = 32768
_GROWTH = 4
_ROW = Struct("=QQq")
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], dtype=np.uint64)
_HALF = np.uint64(32)
_PART = 65536


class IdIndex:
    """First occurrence wins: an id keeps the number it was first added with.

    The newest ids are kept in a dict, older ones as rows in a temporary file: the two halves of the id and its number.
    To find a row, eight bytes an id are kept in memory: a digest of 32 bits and the row's number, in a few sorted runs,
    merged so that each is at least four times as long as the next: adding n ids costs O(n log n). The digest only
    says where to look, the row says whether the id is there: answers are exact, whoever chose the ids.
    What hardly occurs unless somebody wants it to is kept in a plain dict, so that it costs memory and no time: ids
    with upper-case letters (they differ from those in lower case), and ids that share their digest with another.
    It holds up to 2**32 ids.
    """

    def __init__(self) -> None:
        self._fresh: dict[str, int] = {}
        self._odd: dict[str, int] = {}
        self._rows = ColdRows(_ROW.size)
        self._runs: list[Words] = []

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
        digests = _digests(heads, tails)
        order = np.argsort(digests)  # neighbours are found in memory that was just read
        digests = digests[order]
        for run in self._runs:
            places = _places(run, digests)
            for hit in np.flatnonzero(run[places] >> _HALF == digests).tolist():
                index = int(order[hit])
                head, tail, number = _ROW.unpack(self._rows[int(run[places[hit]]) & 0xFFFFFFFF])
                if head == heads[index] and tail == tails[index]:
                    found[index] = number
                elif ids[index] in self._odd:
                    found[index] = self._odd[ids[index]]
        return found

    def _freeze(self) -> None:
        """Turn the newest ids into a run; those that share their digest with another id are set apart."""
        texts, numbers = list(self._fresh), np.fromiter(self._fresh.values(), np.int64, len(self._fresh))
        heads, tails = _pack("".join(texts))
        digests = _digests(heads, tails)
        order = np.argsort(digests, kind="stable")
        digests = digests[order]
        alone = np.ones(len(texts), dtype=bool)
        alone[1:] = digests[1:] != digests[:-1]
        for older in self._runs:
            alone &= older[_places(older, digests)] >> _HALF != digests
        for index in order[~alone].tolist():
            self._odd[texts[index]] = self._fresh[texts[index]]
        self._fresh = {}
        order = order[alone]
        run = digests[alone] << _HALF | np.arange(len(self._rows), len(self._rows) + len(order), dtype=np.uint64)
        self._rows.append(np.column_stack((heads, tails, numbers.view(np.uint64)))[order].tobytes())
        while self._runs and len(self._runs[-1]) < _GROWTH * len(run):
            run = _merged(self._runs.pop(), run)
        if len(run):
            self._runs.append(run)


def _pack(joined: str) -> tuple[Words, Words]:
    """Return the first and the second 64 bits of each id."""
    both = np.frombuffer(bytes.fromhex(joined.replace("-", "")), dtype=">u8").astype(np.uint64)
    return both[0::2].copy(), both[1::2].copy()


def _digests(heads: Words, tails: Words) -> Words:
    """Return 32 bits of each id in which each of its bits has a part: ids may begin or end alike."""
    mixed: Words = (heads * _MIX[0] + tails) * _MIX[1]
    return mixed >> _HALF


def _places(run: Words, digests: Words) -> NDArray[np.intp]:
    """Return where in a run, which is never empty, each of ``digests`` stands or would stand."""
    return np.minimum(np.searchsorted(run, digests << _HALF), len(run) - 1)


def _merged(run: Words, other: Words) -> Words:
    """Return both as one, sorted; ``run`` is used up: it grows in its place, so that there are never two of it."""
    run = run if run.flags.owndata else run.copy()
    stop, left = len(run), len(other)
    run.resize(stop + left, refcheck=False)
    while stop and left:
        start = max(0, stop - _PART)
        first = int(np.searchsorted(other, run[start]))
        part = np.concatenate((run[start:stop], other[first:left]))
        part.sort(kind="stable")
        run[start + first : stop + left] = part
        stop, left = start, first
    run[:left] = other[:left]
    return run
