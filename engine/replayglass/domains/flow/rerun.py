"""A flow run, executed again: its journal drives a machine, its ledger is held against what that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from replayglass.config import load_config
from replayglass.domains.flow.compare import Comparison
from replayglass.domains.flow.decode import read_journal, read_ledger
from replayglass.domains.flow.journal import Replay
from replayglass.domains.flow.lines import JOURNAL, LEDGER, DecisionLine
from replayglass.errors import InputError
from replayglass.log.ndjson import read_batches
from replayglass.log.source import find_streams
from replayglass.record import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from replayglass.domains.flow.journal import Step
    from replayglass.domains.flow.rules import Rules
    from replayglass.domains.flow.vm import Flow
    from replayglass.record import Finding


class Executed(NamedTuple):
    """The machine just after a beat, and that beat."""

    flow: Flow
    step: Step


class Checked(NamedTuple):
    """What a run came to: its beats, what they did to decisions, how the ledgers compare, and the errors found."""

    beats: int
    decisions: int
    status: str
    errors: int
    first_error: Finding | None


class Errors:
    """Counts the findings that are errors and keeps the first."""

    def __init__(self) -> None:
        self.count = 0
        self.first: Finding | None = None

    def add(self, finding: Finding) -> None:
        """Take a finding."""
        if finding.severity is Severity.ERROR:
            self.count += 1
            self.first = self.first or finding


def execute(run: Path, report: Callable[[Finding], None], rules: Rules | None = None) -> Iterator[Executed]:
    """Yield every beat of the run folder's journal, under ``rules`` or else those that the journal names.

    Raises:
        InputError: the folder is no run, has no journal, or one that cannot be read.
    """
    config = load_config(run)
    stream, _ = find_streams(run, (JOURNAL, LEDGER), config.segment_order)
    if not stream.segments:
        message = f"the run folder {str(run)!r} has no flow journal"
        raise InputError(message, f"It would be {JOURNAL.places[0]}.ndjson.")
    for finding in stream.findings:
        report(finding)
    replay = Replay(report, rules)
    batches = read_batches(stream, max_line_bytes=config.max_line_bytes)
    for place, item in read_journal(batches, report):
        for step in replay.take(item, place):
            yield Executed(replay.flow, step)


def check_run(run: Path) -> Checked:
    """Execute a run folder's journal again and compare what it decides with its ledger; memory is that of its state.

    Raises:
        InputError: as `execute`, or its ledger cannot be read.
    """
    errors = Errors()
    config = load_config(run)
    _, ledger = find_streams(run, (JOURNAL, LEDGER), config.segment_order)
    batches = read_batches(ledger, max_line_bytes=config.max_line_bytes)
    lines = read_ledger(batches, errors.add) if ledger.segments else None
    comparison = Comparison(lines, errors.add)
    beats = decisions = 0
    for flow, (number, beat) in execute(run, errors.add):
        comparison.step(number, beat.verdicts, flow.cell)
        beats, decisions = number + 1, decisions + len(beat.verdicts)
    comparison.finish()
    return Checked(beats, decisions, comparison.status, errors.count, errors.first)


def decisions_of(executed: Executed) -> Iterator[DecisionLine]:
    """Yield what a runtime records of a beat, in order."""
    flow, (number, beat) = executed
    for verdict in beat.verdicts:
        cell = cast("dict[str, Any]", flow.cell(verdict.decision))
        yield DecisionLine(verdict.fate, number, verdict.instance, verdict.site, cell)
