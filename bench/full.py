"""A full build of a PAPER run: with one worker and with two, its stages, its floors, its memory, its bytes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from bench.kinds import total, weigh
from bench.process import Cost, part, replayglass, say
from bench.table import Row, at_least, at_most, below, share

if TYPE_CHECKING:
    from pathlib import Path

    from bench.kinds import Weight
    from bench.paperrun import PaperRun

WORKERS = 2
FLOORS = {
    "reading": "reading the lines",
    "hashing": "SHA-256 of the bytes that are written",
    "decoding": "decoding the JSON into its types",
    "writing": "writing the same files",
}
MB = 1_000_000
SPEED, SPEED_OF_TWO, TIMES_ONE, TIMES_FLOORS = at_least(80_000), at_least(150_000), at_least(1.6), at_most(4)
MEMORY = below(250)


class Round(NamedTuple):
    """What was measured one after the other, each in a process of its own; stages and floors in processor seconds."""

    one: Cost
    more: Cost
    stages: dict[str, float]
    floors: dict[str, float]

    @property
    def floor(self) -> float:
        """Return the sum of the floors."""
        return sum(self.floors.values())


def measure(run: PaperRun, site: Path, folder: Path, times: int) -> tuple[list[Round], dict[str, Weight]]:
    """Measure so many rounds; the site of the last build by one worker stays at ``site``."""
    rounds = []
    for number in range(1, times + 1):
        say(f"full builds, round {number} of {times}")
        discard(site)
        one = replayglass("build", run.path, "--out", site, "--json")
        floors = {}
        for floor in FLOORS:
            floors[floor] = part("floors", floor, run.path, site, folder / "floor").answer
        discard(folder / "floor")
        more = replayglass("build", run.path, "--out", folder / "shared", "--jobs", WORKERS, "--json")
        discard(folder / "shared")
        stages = part("stages", run.path, folder / "staged").answer
        discard(folder / "staged")
        rounds.append(Round(one, more, stages, floors))
    return rounds, weigh(site)


def discard(site: Path) -> None:
    """Remove a site and what the next build would go on from."""
    shutil.rmtree(site, ignore_errors=True)
    site.with_name(f".{site.name}.state").unlink(missing_ok=True)


def speed_rows(events: int, rounds: list[Round]) -> list[Row]:
    """Return how fast builds are; one core is as fast as its processor time, two are by the clock."""
    ones, mores = [each.one for each in rounds], [each.more for each in rounds]
    gain = [each.one.wall / each.more.wall for each in rounds]
    return [
        Row("Full build, one worker"),
        Row("events/s of processor time", [events / one.cpu for one in ones], best=max, goal=SPEED),
        Row("seconds of processor time", [one.cpu for one in ones], 2),
        Row("seconds by the clock", [one.wall for one in ones], 2),
        Row(f"Full build, {WORKERS} workers"),
        Row("events/s by the clock", [events / more.wall for more in mores], best=max, goal=SPEED_OF_TWO),
        Row("seconds by the clock", [more.wall for more in mores], 2),
        Row("times as fast as one worker, by the clock", gain, 2, max, TIMES_ONE),
        Row("seconds of processor time, of all workers", [more.cpu for more in mores], 2),
    ]


def stage_rows(rounds: list[Round]) -> list[Row]:
    """Return what the stages take."""
    whole = [sum(each.stages.values()) for each in rounds]
    rows = [Row("Stages of a build with a stopwatch, one worker: seconds of processor time")]
    for stage in rounds[0].stages:
        spent = [each.stages[stage] for each in rounds]
        rows.append(Row(stage, spent, 3, note=share(spent, whole)))
    return [*rows, Row("all stages", whole, 3)]


def floor_rows(rounds: list[Round]) -> list[Row]:
    """Return the floors, and how far above their sum a build is."""
    ratios = [each.one.cpu / each.floor for each in rounds]
    return [
        Row("Floors of this machine, one core: seconds of processor time"),
        *(Row(words, [each.floors[floor] for each in rounds], 3) for floor, words in FLOORS.items()),
        Row("all floors", [each.floor for each in rounds], 3),
        Row("a full build, times all floors of its round", ratios, 2, goal=TIMES_FLOORS),
    ]


def memory_rows(rounds: list[Round]) -> list[Row]:
    """Return the most memory that any process of a build has."""
    return [
        Row("Peak memory of any process, MB"),
        Row("full build, one worker", [each.one.peak / MB for each in rounds], goal=MEMORY),
        Row(f"full build, {WORKERS} workers", [each.more.peak / MB for each in rounds], goal=MEMORY),
    ]


def weight_rows(records: str, count: int, weights: dict[str, Weight]) -> list[Row]:
    """Return the bytes that a site has for each of ``count`` records, by kind."""
    whole = total(weights)
    named = [*weights.items(), ("all", whole)]
    rows = [Row(f"Bytes per {records}")]
    for kind, weight in named:
        note = f"{100 * weight.size / whole.size:.0f} %, {weight.files:,} files"
        rows.append(Row(kind, [weight.size / count], note=note))
    return rows
