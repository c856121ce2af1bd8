"""A compact map from UUID texts to numbers: which of a million ids was seen before, and where."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NOBODY = "0" * 32
_FRESH = 8192
_GROWTH = 4


class IdIndex:
    """First occurrence wins: an id keeps the number it was first added with.

    The newest ids are kept in a dict, older ones as 16-byte keys in a few sorted runs (24 bytes an id with its
    number), merged so that each run is at least four times as long as the next: adding n ids costs O(n log n).
    UUIDs that differ only in the case of their letters are different ids; those with upper-case letters, which no
    runtime writes, are kept in a plain dict.
    """

    def __init__(self) -> None:
        self._fresh: dict[str, int] = {}
        self._odd: dict[str, int] = {}
        self._runs: list[tuple[NDArray[Any], NDArray[np.int64]]] = []

    def add(self, ids: Sequence[str], numbers: Sequence[int]) -> dict[int, int]:
        """Add ``ids[i]`` with ``numbers[i]``; return {i: the number it has already} for those that were known."""
        joined = "".join(ids)
        if joined.lower() != joined:
            return self._add_one_by_one(ids, numbers)
        known = self._search(ids, joined)
        fresh = self._fresh
        if not known and fresh.keys().isdisjoint(ids) and len(set(ids)) == len(ids):
            fresh.update(zip(ids, numbers, strict=True))
        else:
            for index, text in enumerate(ids):
                if index not in known and (number := fresh.setdefault(text, numbers[index])) != numbers[index]:
                    known[index] = number
        if len(fresh) > _FRESH:
            self._freeze()
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
        keys = _pack(joined)
        for run, numbers in self._runs:
            places = np.minimum(np.searchsorted(run, keys), len(run) - 1)
            hits = run[places] == keys
            if hits.any():
                found.update(zip(compress(range(len(ids)), hits), numbers[places[hits]].tolist(), strict=True))
        return found

    def _freeze(self) -> None:
        keys, numbers = _pack("".join(self._fresh)), np.fromiter(self._fresh.values(), np.int64, len(self._fresh))
        self._fresh = {}
        while self._runs and len(self._runs[-1][0]) < _GROWTH * len(keys):
            older_keys, older_numbers = self._runs.pop()
            keys, numbers = np.concatenate([older_keys, keys]), np.concatenate([older_numbers, numbers])
        order = np.argsort(keys, kind="stable")
        self._runs.append((keys[order], numbers[order]))


def _pack(joined: str) -> NDArray[Any]:
    return np.frombuffer(bytes.fromhex(joined.replace("-", "")), dtype="S16")
