"""Measures what a run that has grown costs, and what more processes gain: real commands, each a process of its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

STREAMS = ("audit-events/data/audit_events.ndjson", "snapshots/data/snapshots.ndjson")
MORE = 256
TIMES = 3


class Cost(NamedTuple):
    """What a command took: seconds of processor time and by the clock, MB, and what it said."""

    cpu: float
    wall: float
    peak: int
    said: dict[str, int]


def run(*words: object) -> Cost:
    """Run the command in a process of its own; the peak is the largest of all children so far."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "replayglass", *map(str, words), "--json"]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(cpu, time.perf_counter() - started, after.ru_maxrss // 1024, json.loads(done.stdout))


def lines_of(path: Path) -> list[int]:
    """Return the offset behind each line of a stream."""
    ends, offset = [], 0
    with path.open("rb") as file:
        for line in file:
            offset += len(line)
            ends.append(offset)
    return ends


def grow(source: Path, target: Path, ends: dict[str, list[int]], share: float) -> None:
    """Make ``target`` the first lines of ``source``, the same share of each stream; what is there is appended to."""
    for name in STREAMS:
        size = ends[name][int(len(ends[name]) * share) - 1]
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with (source / name).open("rb") as whole, path.open("ab") as file:
            whole.seek(path.stat().st_size)
            file.write(whole.read(size - whole.tell()))


def measure_grown(source: Path, folder: Path) -> None:
    """Print what 256 events cost, appended three times to a hundredth, a tenth and nearly all of a run."""
    ends = {name: lines_of(source / name) for name in STREAMS}
    total = len(ends[STREAMS[0]])
    print(
        f"{MORE} events more, median of {TIMES}: events before, full build, processor time, files written, peak so far"
    )
    for part in (0.01, 0.1, 1 - MORE * (TIMES + 1) / total):
        target, site = folder / f"grown-{part:.2f}", folder / f"grown-site-{part:.2f}"
        grow(source, target, ends, part)
        full = run("build", target, "--out", site)
        costs = []
        for step in range(1, TIMES + 1):
            grow(source, target, ends, part + step * MORE / total)
            costs.append(run("build", target, "--out", site))
        changed = median(cost.said["changed"] for cost in costs)
        went_on = all(cost.said["since"] for cost in costs)
        spent = median(cost.cpu for cost in costs)
        words = "" if went_on else " (a full build)"
        print(
            f"  {int(total * part):>9,}  {full.cpu:6.1f} s  {spent:5.2f} s{words}  {changed:.0f}  {costs[-1].peak} MB"
        )


def measure_jobs(source: Path, folder: Path) -> None:
    """Print the time by the clock of a full build by one process and by two."""
    walls = [run("build", source, "--out", folder / f"jobs-{jobs}", "--jobs", jobs).wall for jobs in (1, 2)]
    print(f"one process {walls[0]:.1f} s by the clock, two {walls[1]:.1f} s: {walls[0] / walls[1]:.2f} times")
    print(f"(this machine has {os.cpu_count()} cores)")
