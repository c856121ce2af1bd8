"""Counts over logical time in a bounded number of bins, whatever the range of time turns out to be."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_BINS = 128


STEPS = 32
"""Points of a line in a cell."""


def steps(counts: Mapping[int, int], begin: int, end: int) -> list[int]:
    """Return counts of the places ``begin`` to before ``end`` (there is one) in at most `STEPS` equal steps."""
    width = -(-(end - begin) // STEPS)
    points = [0] * -(-(end - begin) // width)
    for place, count in counts.items():
        points[(place - begin) // width] += count
    return points


class Timeline:
    """Counts of kinds in bins of equal width, a power of two, doubled whenever there are more than 128 bins."""

    def __init__(self) -> None:
        self.width = 1
        self._counts: Counter[tuple[int, str]] = Counter()
        self._rows: dict[int, int] = {}

    def add(self, times: Iterable[int], kinds: Iterable[str], rows: Iterable[int]) -> None:
        """Count one of each kind at each time, in each row (all of the same length; rows ascend)."""
        width = self.width
        places = [time // width for time in times]
        self._counts.update(zip(places, kinds, strict=True))
        if not self._rows.keys() >= set(places):
            for place, row in zip(places, rows, strict=True):
                self._rows.setdefault(place, row)
        while len(self._rows) > MAX_BINS:
            self._widen()

    def series(self, kinds: Iterable[str]) -> tuple[list[int], dict[str, list[int]]]:
        """Return the first time of each bin that holds anything, and each kind's counts in those bins."""
        bins = sorted(self._rows)
        return [place * self.width for place in bins], {
            kind: [self._counts[(place, kind)] for place in bins] for kind in kinds
        }

    def trends(self) -> dict[str, list[int]]:
        """Return the counts of each kind in steps of equal length, from the first time to the last."""
        by_kind: dict[str, dict[int, int]] = {}
        for (place, kind), count in self._counts.items():
            by_kind.setdefault(kind, {})[place] = count
        begin, end = min(self._rows, default=0), max(self._rows, default=0) + 1
        return {kind: steps(counts, begin, end) for kind, counts in by_kind.items()}

    def rows(self) -> list[int]:
        """Return the first row of each bin that holds anything."""
        return [row for _, row in sorted(self._rows.items())]

    def _widen(self) -> None:
        self.width *= 2
        rows: dict[int, int] = {}
        for place, row in self._rows.items():
            rows[place // 2] = min(row, rows.get(place // 2, row))
        self._rows = rows
        wider: Counter[tuple[int, str]] = Counter()
        for (place, kind), count in self._counts.items():
            wider[(place // 2, kind)] += count
        self._counts = wider


class Trends:
    """Counts of a few kinds of a few sorts over time, in as many steps as a line in a cell has points.

    Steps begin at the first time that is counted; an earlier one, which comes later, is counted in the first step.
    """

    def __init__(self, sorts: int) -> None:
        self._first: int | None = None
        self._width = 1
        self._counts: list[dict[str, array[int]]] = [{} for _ in range(sorts)]

    def add(self, times: Sequence[int], *sorts: Sequence[str | None]) -> None:
        """Count at each time the kind, if any, of each sort (all of the same length, and there is one)."""
        if self._first is None:
            self._first = times[0]
        last = max(times) - self._first
        while last // self._width >= STEPS:
            self._widen()
        first, width = self._first, self._width
        places = [max(0, (time - first) // width) for time in times]
        for counts, kinds in zip(self._counts, sorts, strict=True):
            for (place, kind), count in Counter(zip(places, kinds, strict=True)).items():
                if kind is not None:
                    if kind not in counts:
                        counts[kind] = array("Q", bytes(8 * STEPS))
                    counts[kind][place] += count

    def points(self, sort: int) -> dict[str, list[int]]:
        """Return the counts of each kind of a sort, up to the last step in which anything was counted."""
        every = [counts for own in self._counts for counts in own.values()]
        end = max((place + 1 for counts in every for place in range(STEPS) if counts[place]), default=0)
        return {kind: counts[:end].tolist() for kind, counts in self._counts[sort].items()}

    def _widen(self) -> None:
        self._width *= 2
        for own in self._counts:
            for kind, counts in own.items():
                halves = [one + other for one, other in zip(counts[::2], counts[1::2], strict=True)]
                own[kind] = array("Q", [*halves, *[0] * (STEPS // 2)])


class Levels:
    """A level that holds until it changes, remembered at a bounded number of times (the last value of each bin)."""

    def __init__(self) -> None:
        self.width = 1
        self._levels: dict[int, tuple[int, int]] = {}

    def set(self, time: int, level: int, row: int) -> None:
        """Take note that the level is ``level`` from ``time`` on, as ``row`` says."""
        place = time // self.width
        self._levels.pop(place, None)
        self._levels[place] = level, row
        while len(self._levels) > MAX_BINS:
            self.width *= 2
            # The order of a dict is the order of the latest settings, so that of two bins the one set last wins.
            wider: dict[int, tuple[int, int]] = {}
            for place, value in self._levels.items():
                wider.pop(place // 2, None)
                wider[place // 2] = value
            self._levels = wider

    def series(self) -> dict[int, tuple[int, int]]:
        """Return the last level of each bin in which it was set, and its row, by the bin's first time."""
        return {place * self.width: self._levels[place] for place in sorted(self._levels)}
