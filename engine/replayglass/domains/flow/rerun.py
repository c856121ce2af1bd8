"""A flow run, executed again: its journal drives a machine, its ledger is held against what that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.config import load_config
from replayglass.domains.flow.compare import Comparison
from replayglass.domains.flow.decode import read_journal, read_ledger
from replayglass.domains.flow.journal import Replay
from replayglass.domains.flow.lines import JOURNAL, LEDGER
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
    from replayglass.log.source import Stream
    from replayglass.record import Batch, Finding


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
    yield from _execute(run, _open(run), report, rules)


def check_run(run: Path) -> Checked:
    """Execute a run folder's journal again and compare what it decides with its ledger; memory is that of its state.

    Raises:
        InputError: as `execute`, or its ledger cannot be read.
    """
    errors, opened = Errors(), _open(run)
    lines = read_ledger(opened.read(opened.ledger), errors.add) if opened.ledger.segments else None
    comparison = Comparison(lines, errors.add)
    beats = decisions = 0
    for flow, (number, beat) in _execute(run, opened, errors.add):
        comparison.step(number, beat.verdicts, flow.cell)
        beats, decisions = number + 1, decisions + len(beat.verdicts)
    comparison.finish()
    return Checked(beats, decisions, comparison.status, errors.count, errors.first)


class _Opened(NamedTuple):
    """The two streams of a run folder, not read yet."""

    journal: Stream
    ledger: Stream
    max_line_bytes: int

    def read(self, stream: Stream) -> Iterator[Batch]:
        return read_batches(stream, max_line_bytes=self.max_line_bytes)


def _open(run: Path) -> _Opened:
    config = load_config(run)
    journal, ledger = find_streams(run, (JOURNAL, LEDGER), config.segment_order)
    return _Opened(journal, ledger, config.max_line_bytes)


def _execute(
    run: Path, opened: _Opened, report: Callable[[Finding], None], rules: Rules | None = None
) -> Iterator[Executed]:
    if not opened.journal.segments:
        message = f"the run folder {str(run)!r} has no flow journal"
        raise InputError(message, f"It would be {JOURNAL.places[0]}.ndjson.")
    for finding in opened.journal.findings:
        report(finding)
    replay = Replay(report, rules)
    for place, item in read_journal(opened.read(opened.journal), report):
        for step in replay.take(item, place):
            yield Executed(replay.flow, step)
