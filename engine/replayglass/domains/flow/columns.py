"""What happened to decisions, in compact columns: enough to list the rows of each instance, site, policy and so on.

A row takes 29 bytes, so that what is listed at the end is not held as pages while the journal runs.
"""

from __future__ import annotations

from array import array
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

import numpy as np

from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.decision import kept, referred

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from replayglass.domains.flow.beat import Verdict

NONE = ""
"""What stands for the policy of a decision without one; no identifier is empty."""

FATES = tuple(fate.value for fate in Fate)


T = TypeVar("T", bound="Hashable")


class Interned(Generic[T]):
    """Values numbered from 0 in the order of their first use, so that a number stays whatever is appended."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        """Return the number of ``value``, a new one if it is used for the first time."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.values)
            self.values.append(value)
        return found

    def find(self, value: T) -> int | None:
        """Return the number of ``value`` if it was used."""
        return self._numbers.get(value)


class Happened(NamedTuple):
    """One row: its number among the decisions' rows, and what happened to which cell in which beat."""

    row: int
    beat: int
    fate: str
    instance: str
    site: str
    policy: str
    choice: str


Numbers = np.ndarray[tuple[int], np.dtype[np.uint32]]


class Column:
    """The rows of each key of one column: interned texts, and one number for each row.

    ``code`` is the type of the numbers, as `array` names it: "I", or "B" for less than 256 keys.
    """

    def __init__(self, code: Literal["B", "I"] = "I") -> None:
        self.keys = Interned[str]()
        self._numbers = array(code)

    def add(self, text: str) -> None:
        """Add the key of the next row."""
        self._numbers.append(self.keys.number(text))

    def __getitem__(self, row: int) -> str:
        return self.keys.values[self._numbers[row]]

    @property
    def numbers(self) -> Numbers:
        """The number of each row's key; while somebody holds it, no row can be added."""
        return np.frombuffer(self._numbers, self._numbers.typecode).astype(np.uint32, copy=False)

    def texts(self, rows: Sequence[int]) -> list[str]:
        """Return the keys of some rows."""
        numbers, texts = self._numbers, self.keys.values
        return [texts[numbers[row]] for row in rows]

    def grouped(self) -> Grouped:
        """Return the rows by key; it is not told of rows that are added afterwards."""
        numbers = self.numbers
        order = np.argsort(numbers, kind="stable").astype(np.uint32)
        starts = np.searchsorted(numbers, np.arange(len(self.keys.values) + 1), sorter=order)
        return Grouped(order, starts)


class Grouped(NamedTuple):
    """Row numbers sorted by key, those of key k from ``starts[k]`` to ``starts[k + 1]``; rows in ascending order."""

    order: Numbers
    starts: np.ndarray[tuple[int], np.dtype[np.intp]]

    def rows(self, key: int) -> list[int]:
        """Return the rows of ``key``."""
        found: list[int] = self.order[self.starts[key] : self.starts[key + 1]].tolist()
        return found

    def ends(self, key: int) -> tuple[int, int] | tuple[()]:
        """Return the first and the last row of ``key``, if it has any."""
        first, end = self.starts[key], self.starts[key + 1]
        return () if first == end else (int(self.order[first]), int(self.order[end - 1]))

    def parts(self, key: int, size: int) -> Iterator[list[int]]:
        """Yield the rows of ``key``, ``size`` at a time."""
        first, end = int(self.starts[key]), int(self.starts[key + 1])
        for at in range(first, end, size):
            yield self.order[at : min(at + size, end)].tolist()


class Columns:
    """All rows of the decisions, by column."""

    def __init__(self) -> None:
        self.instances = Column()
        self.sites = Column()
        self.policies = Column()
        self.choices = Column()
        self.directives = Column()
        self.fates = Column("B")
        for fate in FATES:
            self.fates.keys.number(fate)
        self.beats = array("Q")
        self._defined = 0

    def define(self, policies: dict[str, Any]) -> None:
        """Number the policies that were defined since the last call; ``policies`` are all, in order of definition."""
        new = len(policies) - self._defined
        if new:
            for policy in reversed(list(islice(reversed(policies), new))):
                self.policies.keys.number(policy)
            self._defined = len(policies)

    def add(self, number: int, verdict: Verdict) -> None:
        """Add the next row: what happened in beat ``number``."""
        self.beats.append(number)
        self.fates.add(verdict.fate.value)
        self.instances.add(verdict.instance)
        self.sites.add(verdict.site)
        self.policies.add(referred(verdict.decision.policy) or NONE)
        self.choices.add(verdict.decision.choice)
        self.directives.add(kept(verdict.decision))

    def at(self, rows: Sequence[int]) -> Iterator[Happened]:
        """Return some rows."""
        beats = self.beats
        columns = (self.fates, self.instances, self.sites, self.policies, self.choices)
        return map(Happened, rows, [beats[row] for row in rows], *[column.texts(rows) for column in columns])

    def last_choices(self) -> dict[int, str]:
        """Return, by the number of a policy, the choice of the decision that was recorded last under it."""
        rows = np.flatnonzero(self.fates.numbers == FATES.index(Fate.RECORDED))
        policies, newest = np.unique(self.policies.numbers[rows][::-1], return_index=True)
        return {int(policy): self.choices[int(rows[-1 - at])] for policy, at in zip(policies, newest, strict=True)}

    def tally(self, column: Column) -> list[list[int]]:
        """Return, by key of ``column``, how many rows have each fate (in the order of `FATES`)."""
        places = column.numbers * np.uint32(len(FATES)) + self.fates.numbers
        counts = np.bincount(places, minlength=len(column.keys.values) * len(FATES))
        return counts.reshape(-1, len(FATES)).tolist()


class LastRecorded:
    """Finds the row that says that a cell was recorded last; what it found of an instance it remembers."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._grouped = columns.instances.grouped()
        self._known: dict[str, dict[str, int]] = {}

    def row(self, instance: str, site: str) -> int | None:
        """Return the row, None if the cell was never recorded."""
        known = self._known.get(instance)
        if known is None:
            key = self._columns.instances.keys.find(instance)
            rows = self._columns.at([] if key is None else self._grouped.rows(key))
            known = self._known[instance] = {one.site: one.row for one in rows if one.fate == Fate.RECORDED}
        return known.get(site)
