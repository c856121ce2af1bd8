"""Simulated flow runs of any size: a journal, and the ledger that a runtime would have recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from replayglass.domains.flow.lines import (
    JOURNAL,
    LEDGER,
    VERSION,
    BeatLine,
    DecisionLine,
    HeaderLine,
    IntentLine,
    encode_line,
)
from replayglass.domains.flow.rules import RULES_2
from replayglass.domains.flow.scenario import Mix, Size, scenario
from replayglass.domains.flow.vm import Flow
from replayglass.errors import InputError
from replayglass.freshfolder import fresh_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from replayglass.domains.flow.intents import Intent
    from replayglass.domains.flow.lines import Bucket, RuleSet
    from replayglass.domains.flow.rules import Rules

_DEFAULT_SIZE = Size(instances=32, beats=64)


class Simulation(NamedTuple):
    """What decides every byte of a simulated run."""

    seed: int = 1
    size: Size = _DEFAULT_SIZE
    mix: Mix = Mix()
    rules: Rules = RULES_2


class Written(NamedTuple):
    """The lines of one beat in both files."""

    journal: bytes
    ledger: bytes


class Simulated(NamedTuple):
    """What a simulated run holds: lines of each sort."""

    intents: int
    beats: int
    decisions: int


def simulate(simulation: Simulation) -> Iterator[Written]:
    """Yield a run beat by beat, the header with the first; memory is that of the machine.

    Raises:
        InputError: it has no instance or no beat, or a share of the mix is not from 0 to 100.
    """
    seed, size, mix, rules = simulation
    if min(size) < 1 or not all(0 <= share <= 100 for share in mix):  # noqa: PLR2004 - of a hundred
        message = "A simulated run needs at least one instance and one beat, and shares from 0 to 100."
        raise InputError(message)
    return record(scenario(seed, size, mix), f"simulated-{seed}", rules)


def record(script: Iterable[Sequence[Intent]], name: str, rules: Rules = RULES_2) -> Iterator[Written]:
    """Yield, beat by beat, what a runtime writes that is given the intents of ``script``, one sequence for each beat.

    Raises:
        ValueError: an intent that no machine takes.
    """
    flow = Flow(rules)
    journal = [encode_line(HeaderLine(VERSION, cast("RuleSet", rules.version), name, None))]
    for number, intents in enumerate(script):
        for bucket, txn, fields in intents:
            flow.submit(bucket, txn, fields)
            journal.append(encode_line(IntentLine(number, cast("Bucket", bucket), txn, fields)))
        journal.append(encode_line(BeatLine(number)))
        ledger = [
            DecisionLine(verdict.fate, number, verdict.instance, verdict.site, flow.cell(verdict.decision))
            for verdict in flow.beat().verdicts
        ]
        yield Written(b"".join(journal), b"".join(map(encode_line, ledger)))
        journal.clear()


def write_run(simulation: Simulation, out: Path) -> Simulated:
    """Write the run folder of `simulate` to ``out``, which must be empty or not exist yet, and return what it holds.

    Raises:
        InputError: as `simulate`, or ``out`` exists and is not an empty folder.
        OutputError: ``out`` cannot be written.
    """
    beats = simulate(simulation)
    with fresh_folder(out):
        return _write(beats, out)


def _write(beats: Iterator[Written], out: Path) -> Simulated:
    journal_path, ledger_path = (out / f"{spec.places[0]}.ndjson" for spec in (JOURNAL, LEDGER))
    journal_path.parent.mkdir(parents=True)
    total = Simulated(-1, 0, 0)  # the header is no intent
    with journal_path.open("xb") as journal, ledger_path.open("xb") as ledger:
        for lines in beats:
            journal.write(lines.journal)
            ledger.write(lines.ledger)
            intents = lines.journal.count(b"\n") - 1
            total = Simulated(total.intents + intents, total.beats + 1, total.decisions + lines.ledger.count(b"\n"))
    return total
