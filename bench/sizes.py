"""How the memory of a full build grows with its run."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from bench.full import MB, discard
from bench.paperrun import make
from bench.process import replayglass, say
from bench.table import Row, below

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

GROWTH = below(120)
BEYOND = 1_000_000
"""Events from which on growth has a goal; before, what is there once for any size still fills up."""


class Peak(NamedTuple):
    """The bytes that the build of a run of a size had at its peak."""

    events: int
    decisions: int
    peak: int


def measure(sizes: Iterable[int], folder: Path) -> list[Peak]:
    """Build a run of each size once, with one worker."""
    return [_peak(size, folder / f"size-{size}") for size in sorted(set(sizes))]


def _peak(size: int, folder: Path) -> Peak:
    run = make(size, folder / "run")
    say(f"full build of {size:,} events")
    cost = replayglass("build", run.path, "--out", folder / "site", "--json")
    discard(folder)
    return Peak(run.events, run.decisions, cost.peak)


def size_rows(peaks: list[Peak]) -> list[Row]:
    """Return the peak of each size, and from each size to the next the bytes for each further decision."""
    rows = [Row("Peak memory of full builds, one worker, MB")] if peaks else []
    rows += [Row(f"{one.events:,} events, {one.decisions:,} decisions", [one.peak / MB]) for one in peaks]
    rows += [Row("Growth of the peak: bytes per further decision")] if len(peaks) > 1 else []
    for one, next_one in pairwise(peaks):
        growth = (next_one.peak - one.peak) / (next_one.decisions - one.decisions)
        goal = GROWTH if one.events >= BEYOND else None
        rows.append(Row(f"from {one.events:,} to {next_one.events:,} events", [growth], goal=goal))
    return rows
