"""Figures as aligned text: each with its median, its best, its goal, and whether that is met."""

from __future__ import annotations

import operator
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HEAD = ("", "median", "best", "goal or share", "")


class Goal(NamedTuple):
    """What a figure should be, compared with ``bound``."""

    words: str
    keeps: Callable[[float, float], bool]
    bound: float

    def verdict(self, value: float) -> str:
        """Say whether ``value`` is what it should be."""
        return "met" if self.keeps(value, self.bound) else "missed"


def at_least(bound: float) -> Goal:
    """Return the goal of ``bound`` or more."""
    return Goal(f"at least {bound:,}", operator.ge, bound)


def at_most(bound: float) -> Goal:
    """Return the goal of ``bound`` or less."""
    return Goal(f"at most {bound:,}", operator.le, bound)


def below(bound: float) -> Goal:
    """Return the goal of less than ``bound``."""
    return Goal(f"below {bound:,}", operator.lt, bound)


class Row(NamedTuple):
    """One figure, as often as it was measured; the median is held against the goal.

    ``best`` picks the best one. A figure that was measured once has no best. Without ``values`` the row is a heading.
    """

    what: str
    values: Sequence[float] = ()
    digits: int = 0
    best: Callable[[Sequence[float]], float] = min
    goal: Goal | None = None
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the row as texts."""
        if not self.values:
            return (self.what,)
        middle = median(self.values)
        best = f"{self.best(self.values):,.{self.digits}f}" if len(self.values) > 1 else ""
        words, verdict = ("", "") if self.goal is None else (self.goal.words, self.goal.verdict(middle))
        return f"  {self.what}", f"{middle:,.{self.digits}f}", best, words or self.note, verdict


def share(part: Sequence[float], whole: Sequence[float]) -> str:
    """Return how much of one figure another is."""
    return f"{100 * median(part) / median(whole):.0f} %"


def table(rows: Sequence[Row]) -> str:
    """Return the rows below a head, aligned."""
    return aligned([HEAD, *(row.cells() for row in rows)], numbers=(1, 2))


def aligned(lines: Sequence[Sequence[str]], numbers: Sequence[int]) -> str:
    """Return cells in columns, those of ``numbers`` ending at the right; a line of one cell is a heading."""
    widths = [max(map(len, column)) for column in zip(*(line for line in lines if len(line) > 1), strict=True)]
    padded = (
        "  ".join(
            cell.rjust(width) if at in numbers else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=False))
        )
        for line in lines
    )
    return "".join(f"{line.rstrip()}\n" for line in padded)
