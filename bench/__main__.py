"""Measures builds of simulated runs and prints one table: speed, floors, memory, bytes, growth, proofs, a flow run."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench import flowrun, full, grown, paperrun, proofs, sizes
from bench.machine import machine
from bench.table import table


def main() -> None:
    """Measure everything, then print."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the PAPER run, lines of the flow run")
    parser.add_argument("--times", type=int, default=3, help="how often each figure is measured")
    parser.add_argument("--sizes", type=int, nargs="*", default=[], help="sizes between which memory is compared")
    chosen = parser.parse_args()
    if min([chosen.events, *chosen.sizes]) < 2 * grown.MORE * chosen.times or chosen.times < 1:
        parser.error(f"at least one time, and {2 * grown.MORE} events for each time")
    with tempfile.TemporaryDirectory(prefix="replayglass-bench-") as name:
        sys.stdout.write(measured(Path(name), chosen.events, chosen.times, chosen.sizes))


def measured(folder: Path, events: int, times: int, peaks: list[int]) -> str:
    """Return the whole table, with what it was measured on above it."""
    run, site = paperrun.make(events, folder / "run"), folder / "site"
    rounds, weights = full.measure(run, site, folder, times)
    proven = proofs.measure(run, site, times)
    full.discard(site)
    rows = [
        *full.speed_rows(run.events, rounds),
        *full.stage_rows(rounds),
        *full.floor_rows(rounds),
        *full.memory_rows(rounds),
        *sizes.size_rows(sizes.measure(peaks, folder)),
        *full.weight_rows("event", run.events, weights),
        *grown.grown_rows(grown.measure(run, folder, times)),
        *proofs.proof_rows(run, proven),
        *flowrun.flow_rows(flowrun.measure(events, folder)),
    ]
    return (
        f"{machine()}\n{run.words}; measured {times} times, each time in a process of its own; "
        f"the goals are for 1,000,000 events\n\n{table(rows)}"
    )


if __name__ == "__main__":
    main()
