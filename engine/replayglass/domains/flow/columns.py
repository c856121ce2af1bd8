"""What happened to decisions, in compact columns: enough to list the rows of each instance, site, policy and fate.

A row takes 25 bytes, so that what is listed at the end is not held as pages while the journal runs.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.decision import referred

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.domains.flow.beat import Verdict

NONE = ""
"""What stands for the policy of a decision without one; no identifier is empty."""

FATES = tuple(fate.value for fate in Fate)


class Interned:
    """Texts numbered from 0 in the order of their first use, so that a number stays whatever is appended."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of ``text``, a new one if it is used for the first time."""
        found = self._numbers.get(text)
        if found is None:
            found = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return found

    def find(self, text: str) -> int | None:
        """Return the number of ``text`` if it was used."""
        return self._numbers.get(text)


class Happened(NamedTuple):
    """One row: its number among the decisions' rows, and what happened to which cell in which beat."""

    row: int
    beat: int
    fate: str
    instance: str
    site: str
    policy: str
    choice: str


class Column:
    """The rows of each key of one column: interned texts, and one number for each row."""

    def __init__(self, keys: Interned) -> None:
        self.keys = keys
        self._numbers = array("I")

    def add(self, text: str) -> None:
        """Add the key of the next row."""
        self._numbers.append(self.keys.number(text))

    def __getitem__(self, row: int) -> str:
        return self.keys.texts[self._numbers[row]]

    def grouped(self) -> Grouped:
        """Return the rows by key; it is not told of rows that are added afterwards."""
        numbers = np.frombuffer(self._numbers, np.uint32)
        order = np.argsort(numbers, kind="stable").astype(np.uint32)
        starts = np.searchsorted(numbers, np.arange(len(self.keys.texts) + 1), sorter=order)
        return Grouped(order, starts)


class Grouped(NamedTuple):
    """Row numbers sorted by key, those of key k from ``starts[k]`` to ``starts[k + 1]``; rows in ascending order."""

    order: np.ndarray[tuple[int], np.dtype[np.uint32]]
    starts: np.ndarray[tuple[int], np.dtype[np.intp]]

    def rows(self, key: int) -> list[int]:
        """Return the rows of ``key``."""
        found: list[int] = self.order[self.starts[key] : self.starts[key + 1]].tolist()
        return found

    def count(self, key: int) -> int:
        """Return how many rows ``key`` has."""
        return int(self.starts[key + 1] - self.starts[key])


class Columns:
    """All rows of the decisions, by column."""

    def __init__(self) -> None:
        self.instances = Column(Interned())
        self.sites = Column(Interned())
        self.policies = Column(Interned())
        self.choices = Column(Interned())
        self.fates = Column(Interned())
        for fate in FATES:
            self.fates.keys.number(fate)
        self.beats = array("Q")

    def add(self, number: int, verdict: Verdict) -> None:
        """Add the next row: what happened in beat ``number``."""
        self.beats.append(number)
        self.fates.add(verdict.fate.value)
        self.instances.add(verdict.instance)
        self.sites.add(verdict.site)
        self.policies.add(referred(verdict.decision.policy) or NONE)
        self.choices.add(verdict.decision.choice)

    def __len__(self) -> int:
        return len(self.beats)

    def __getitem__(self, row: int) -> Happened:
        return Happened(
            row,
            self.beats[row],
            self.fates[row],
            self.instances[row],
            self.sites[row],
            self.policies[row],
            self.choices[row],
        )

    def __iter__(self) -> Iterator[Happened]:
        return map(self.__getitem__, range(len(self)))
