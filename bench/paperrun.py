"""Simulated PAPER runs: made, counted, and grown."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bench.process import replayglass, say

if TYPE_CHECKING:
    from pathlib import Path

STREAMS = ("audit-events/data/audit_events.ndjson", "snapshots/data/snapshots.ndjson")
_DECISION, _UPDATE = b'"type":"DECISION_EVALUATED"', b'"type":"LEDGER_UPDATED"'
"""The second one is the event of which a runtime writes a snapshot."""


class PaperRun(NamedTuple):
    """A run folder and what is in it."""

    path: Path
    events: int
    snapshots: int
    decisions: int

    @property
    def words(self) -> str:
        """Return what is in it."""
        return f"{self.events:,} events, {self.snapshots:,} snapshots, {self.decisions:,} decisions"


def make(events: int, path: Path) -> PaperRun:
    """Simulate a run at ``path``, always the same for the same number of events."""
    say(f"simulating {events:,} events")
    replayglass("simulate", "paper", "--events", events, "--seed", 1, "--out", path)
    events, snapshots = (count(path / name) for name in STREAMS)
    return PaperRun(path, events, snapshots, count(path / STREAMS[0], _DECISION))


def count(path: Path, holding: bytes = b"") -> int:
    """Return how many lines of a stream hold these bytes."""
    with path.open("rb") as file:
        return sum(holding in line for line in file)


def grow(source: PaperRun, target: Path, events: int) -> None:
    """Append to ``target`` until it has the first ``events`` of ``source``, and the snapshots written by then."""
    log, snapshots = STREAMS
    _append(source.path / log, target / log, events)
    _append(source.path / snapshots, target / snapshots, count(target / log, _UPDATE))


def _append(whole: Path, path: Path, lines: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    have = count(path)
    with whole.open("rb") as source, path.open("ab") as file:
        file.writelines(islice(source, have, lines))
