"""Measures the flow machine under load: speed, memory, an index pass, retention, and how all of that grows."""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import msgspec

from bench.flowload import SPANS, script, talk
from replayglass.domains.flow.beat import Fate
from replayglass.domains.flow.intents import Start, intent
from replayglass.domains.flow.vm import Flow

if TYPE_CHECKING:
    from replayglass.domains.flow.beat import Beat
    from replayglass.domains.flow.decision import Decision
    from replayglass.domains.flow.intents import Intent

SIZES = (10_000, 100_000, 1_000_000)
GOAL, FLAT, MET = 20_000, 1.5, ("missed", "met")
LIVES = (*((100_000, "turnover", rounds) for rounds in (1, 10, 100)), (32_000, "talk", 80), (32_000, "talk", 1_600))
PROBES = 200


class Figures(msgspec.Struct):
    """What one run came to: processor seconds, megabytes, cells; microseconds of a probed beat and of a cell that left.

    ``early`` and ``late`` are the decisions a second of the first and of the last tenth of the decisions.
    """

    decisions: int
    beats: int
    intents: int
    seconds: float
    early: float
    late: float
    live: int
    archived: int
    peak_mb: int
    drained: int = 0
    cell_us: float = 0.0
    idle_us: float = 0.0
    few_us: float = 0.0
    worst_us: float = 0.0
    index_s: float = 0.0
    index_mb: int = 0


class Load:
    """A machine under load, and the processor time that it took; making the intents is the client's time, not its."""

    def __init__(self) -> None:
        self.flow = Flow()
        self.seconds = 0.0
        self.beats = self.decisions = self.intents = 0
        self.marks = [(0, 0.0)]  # how many decisions were made, in how many seconds

    def beat(self, intents: list[Intent]) -> Beat:
        """Submit what is asked and execute a beat."""
        submit = self.flow.submit
        begun = time.process_time()
        for one in intents:
            submit(*one)
        beat = self.flow.beat()
        self.seconds += time.process_time() - begun
        self.beats, self.intents = self.beats + 1, self.intents + len(intents)
        self.decisions += sum(verdict.fate is Fate.RECORDED for verdict in beat.verdicts)
        self.marks.append((self.decisions, self.seconds))
        return beat

    def rate(self, first: float, last: float) -> float:
        """Return the decisions a second between two shares of all decisions."""
        ends = (next(mark for mark in self.marks if mark[0] >= share * self.decisions) for share in (first, last))
        (begin, since), (end, until) = ends
        return (end - begin) / (until - since)


def measure(decisions: int, kind: str, rounds: int) -> Figures:
    """Make that many decisions, then measure what a pass costs that has little or nothing to do."""
    load = Load()
    for intents in talk(decisions, rounds) if kind == "talk" else script(decisions, kind, rounds):
        load.beat(intents)
    while load.decisions < decisions:
        load.beat([])
    state = load.flow.state
    live, archived, rates = cells(state.decisions), cells(state.archive), (load.rate(0, 0.1), load.rate(0.9, 1))
    found = Figures(load.decisions, load.beats, load.intents, load.seconds, *rates, live, archived, peak_mb())
    if kind != "kept":
        found.drained, seconds = drain(load)
        found.cell_us = 1e6 * seconds / found.drained
    found.idle_us, found.few_us, found.worst_us = probe(load)
    begun = time.process_time()
    load.flow.index()
    found.index_s, found.index_mb = time.process_time() - begun, peak_mb()
    return found


def drain(load: Load) -> tuple[int, float]:
    """Beat on until every cell that is kept for a while has left; return how many left, and the seconds it took."""
    before, seconds = cells(load.flow.state.decisions), load.seconds
    while load.flow.state.due_beats:
        load.beat([])
    return before - cells(load.flow.state.decisions), load.seconds - seconds


def probe(load: Load) -> tuple[float, float, float]:
    """Return the microseconds of a beat in which nothing leaves, of one in which two cells do, and of the worst one.

    The probes begin one a beat, so that later they leave one a beat, from a ledger that nothing else changes.
    """
    for at in range(PROBES):
        load.beat([intent(f"probe.{at}", Start(f"probe.{at}", "var.probe"))])
    for _ in range(3):  # the last one starts a beat after it was asked for, and moves on in the next
        load.beat([])
    idle: list[float] = []
    few: list[float] = []
    while len(few) < PROBES:
        before = load.seconds
        left = [verdict.fate for verdict in load.beat([]).verdicts]
        assert sorted(left) in ([], [Fate.ARCHIVED, Fate.EXPIRED]), left
        (few if left else idle).append(1e6 * (load.seconds - before))
    return statistics.median(idle), statistics.median(few), max(few)


def cells(ledger: dict[str, dict[str, Decision]]) -> int:
    """Return how many cells a ledger has."""
    return sum(map(len, ledger.values()))


def peak_mb() -> int:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def apart(decisions: int, kind: str, rounds: int = 1) -> Figures:
    """Measure in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "bench.flowmachine", "--worker", str(decisions), kind, str(rounds)]
    return msgspec.json.decode(subprocess.run(command, check=True, capture_output=True).stdout, type=Figures)


def row(found: Figures) -> str:
    """Return the figures of one run as a line."""
    return (
        f"  {found.decisions:>9,}: {found.decisions / found.seconds:,.0f} decisions/s ({found.seconds:.2f} s), "
        f"first tenth {found.early:,.0f}, last tenth {found.late:,.0f}; {found.beats / found.seconds:,.0f} beats/s, "
        f"{found.intents / found.seconds:,.0f} intents/s\n"
        f"             {found.live:,} cells live, {found.archived:,} archived, peak {found.peak_mb} MB; index "
        f"{1e3 * found.index_s:,.1f} ms, peak then {found.index_mb} MB\n"
        f"             a beat in which nothing leaves {found.idle_us:.1f} us, two cells leave {found.few_us:.1f} us "
        f"(worst {found.worst_us:.0f}); {found.drained:,} left at the end, {found.cell_us:.1f} us each\n"
    )


def conclude(kind: str, sizes: list[list[Figures]]) -> str:
    """Return how the medians of the sizes grow, and whether the goals are met."""
    rates = [statistics.median(found.decisions / found.seconds for found in runs) for runs in sizes]
    few = [statistics.median(found.few_us for found in runs) for runs in sizes]
    flat, last = max(rates) / min(rates), sizes[-1][0].decisions
    return (
        f"{kind}: {', '.join(f'{rate:,.0f}' for rate in rates)} decisions/s (medians): factor {flat:.2f}, "
        f"goal {FLAT} {MET[flat <= FLAT]}; at {last:,} goal {GOAL:,} {MET[rates[-1] >= GOAL]}\n"
        f"{kind}: a beat in which two cells leave: {', '.join(f'{each:.1f}' for each in few)} us\n\n"
    )


def main() -> None:
    """Measure every size in a process of its own, each as often as asked, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--runs", type=int, default=3, help="how often each size is measured")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        decisions, kind, rounds = chosen.worker
        sys.stdout.buffer.write(msgspec.json.encode(measure(int(decisions), kind, int(rounds))))
        return
    sys.stdout.write(f"python {platform.python_version()}, {platform.machine()}; seconds are of processor time\n")
    for kind, (ttl, archive) in SPANS.items():
        sys.stdout.write(f"{kind} (ttl:{ttl}, archive:{archive})\n")
        sizes: list[list[Figures]] = [[] for _ in chosen.sizes]
        for _ in range(chosen.runs):
            for runs, decisions in zip(sizes, chosen.sizes, strict=True):
                runs.append(apart(decisions, kind))
                sys.stdout.write(row(runs[-1]))
                sys.stdout.flush()
        sys.stdout.write(conclude(kind, sizes))
    for decisions, kind, rounds in LIVES:
        sys.stdout.write(f"{kind}, {rounds} rounds an instance\n{row(apart(decisions, kind, rounds))}")


if __name__ == "__main__":
    main()
