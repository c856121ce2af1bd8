"""A full build of a flow run whose journal has about as many lines as the PAPER run has events."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.full import MB, MEMORY, weight_rows
from bench.kinds import weigh
from bench.paperrun import count
from bench.process import Cost, replayglass, say
from bench.table import Row

if TYPE_CHECKING:
    from pathlib import Path

    from bench.kinds import Weight

BEATS, LINES_OF_ONE = 540, 200
"""In so many beats an instance of a simulated run has about so many lines."""


class FlowRun(NamedTuple):
    """What a run has, and what its build took and made."""

    lines: int
    decisions: int
    cost: Cost
    weights: dict[str, Weight]


def measure(lines: int, folder: Path) -> FlowRun:
    """Simulate a run of about so many journal lines and build it once, with one worker."""
    run, site = folder / "flow-run", folder / "flow-site"
    say(f"flow run of about {lines:,} journal lines")
    replayglass("simulate", "flow", "--instances", max(1, lines // LINES_OF_ONE), "--beats", BEATS, "--out", run)
    journal, decisions = (count(run / "flow" / f"{name}.ndjson") for name in ("journal", "decisions"))
    cost = replayglass("build", run, "--out", site, "--json")
    return FlowRun(journal, decisions, cost, weigh(site))


def flow_rows(flow: FlowRun) -> list[Row]:
    """Return the figures."""
    cpu = flow.cost.cpu
    return [
        Row(f"Flow run of {flow.lines:,} journal lines and {flow.decisions:,} decisions, full build, one worker, once"),
        Row("journal lines/s of processor time", [flow.lines / cpu]),
        Row("decisions/s of processor time", [flow.decisions / cpu]),
        Row("seconds of processor time", [cpu], 2),
        Row("seconds by the clock", [flow.cost.wall], 2),
        Row("peak memory of any process, MB", [flow.cost.peak / MB], goal=MEMORY),
        *weight_rows("journal line of the flow run", flow.lines, flow.weights),
    ]
