"""What a later build of a run costs that has grown by a few events; it must not depend on what was there before."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from bench.full import MB, MEMORY, discard
from bench.paperrun import grow
from bench.process import Cost, replayglass, say
from bench.table import Row, at_most, below

if TYPE_CHECKING:
    from pathlib import Path

    from bench.paperrun import PaperRun

MORE = 256
SIZES = (10_000, 100_000, 1_000_000)
SPENT, FILES, FLAT = below(1), below(40), at_most(1.25)


class Grown(NamedTuple):
    """The builds after each growth of a run that had ``before`` events."""

    before: int
    costs: list[Cost]

    @property
    def went_on(self) -> bool:
        """Say whether each went on where the one before was put aside."""
        return all(cost.answer["since"] for cost in self.costs)


def measure(run: PaperRun, folder: Path, times: int) -> list[Grown]:
    """Have runs grow ``times`` times, one of each of the sizes that ``run`` exceeds, the last one to all of ``run``."""
    largest = run.events - MORE * times
    sizes = sorted({*(size for size in SIZES if size < largest), largest})
    return [_grown(run, size, folder / f"grown-{size}", times) for size in sizes]


def _grown(run: PaperRun, before: int, folder: Path, times: int) -> Grown:
    say(f"{before:,} events, then {times} times {MORE} more")
    target, site = folder / "run", folder / "site"
    grow(run, target, before)
    replayglass("build", target, "--out", site, "--json")
    costs = []
    for step in range(1, times + 1):
        grow(run, target, before + step * MORE)
        costs.append(replayglass("build", target, "--out", site, "--json"))
    discard(folder)
    return Grown(before, costs)


def grown_rows(sizes: list[Grown]) -> list[Row]:
    """Return what the growth cost at each size, and how much more at the worst than at the best."""
    rows = [Row(f"{MORE} events more: seconds of processor time")]
    for one in sizes:
        note = "" if one.went_on else " (a full build)"
        rows.append(Row(f"after {one.before:,}{note}", [cost.cpu for cost in one.costs], 2, goal=SPENT))
    middles = [median(cost.cpu for cost in one.costs) for one in sizes]
    if len(sizes) > 1:
        words = f"flat: the dearest of {len(sizes)} sizes, times the cheapest"
        rows.append(Row(words, [max(middles) / min(middles)], 2, goal=FLAT))
    rows.append(Row(f"{MORE} events more: files written"))
    rows += [Row(f"after {one.before:,}", [cost.answer["changed"] for cost in one.costs], goal=FILES) for one in sizes]
    rows.append(Row(f"{MORE} events more: peak memory, MB"))
    rows += [Row(f"after {one.before:,}", [cost.peak / MB for cost in one.costs], goal=MEMORY) for one in sizes]
    return rows
