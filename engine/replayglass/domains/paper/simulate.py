"""Simulated runs: logs of any length, equal byte for byte to what the PAPER runtime would write for the same inputs."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from replayglass.domains.paper.ids import Salt, as_uuid, derive, derive_many
from replayglass.domains.paper.rules import Feedback, Ledger
from replayglass.domains.paper.scenario import DECISIONS_BACK, EXECUTIONS_BACK, Remark, Step, scenario
from replayglass.domains.paper.tick import Decided, Written, name_ticks, write_ticks
from replayglass.errors import InputError
from replayglass.freshfolder import fresh_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_FIRST_BLOCK = 64
_LARGEST_BLOCK = 4096
"""Ticks hashed side by side, more and more so that a short run is quick too; any number gives the same bytes."""

_ENVIRONMENT = {
    "NODE_ENV": "development",
    "LOGICAL_TIME_SOURCE": "manual",
    "DATABASE_URL": "postgres://simulated:not-a-password@database.invalid:5432/simulated",
    "PERSISTENCE_MODE": "postgres",
    "SNAPSHOT_STRATEGY": "on-ledger-update",
    "EXECUTION_PLANE": "paper",
    "EXCHANGE_PROVIDER": "binance",
    "SAFETY_MODE": "normal",
    "LOG_LEVEL": "info",
    "ENABLE_AUDIT_LOGGING": "true",
}


class Simulated(NamedTuple):
    """What a simulated run holds."""

    events: int
    snapshots: int
    ticks: int


class _Recent(NamedTuple):
    """The ids of the latest decisions or executions; ``first`` is the number of the oldest that is kept."""

    first: int = 0
    names: Sequence[str] = ()

    def named(self, number: int) -> str:
        """Return the id of decision or execution ``number``, counted from 0 over the whole run."""
        return self.names[number - self.first]

    def then(self, names: Sequence[str], keep: int) -> _Recent:
        """Return the ids with ``names`` appended, and before those no more than the last ``keep``."""
        dropped = max(0, len(self.names) - keep)
        return _Recent(self.first + dropped, [*self.names[dropped:], *names])


def simulate(events: int, seed: int) -> Iterator[Written]:
    """Return a run tick by tick, up to the first tick boundary at or after ``events`` events.

    The same seed gives the same bytes, and a longer run begins with the bytes of a shorter one. Each item is one tick:
    its audit events' lines and, if it executed, its snapshot's line; memory does not grow with the run.

    Raises:
        InputError: ``events`` is below 1.
    """
    if events < 1:
        message = "A simulated run needs at least one event."
        raise InputError(message, "Give a number of events of 1 or more.")
    return _until(events, _ticks(seed))


def write_run(events: int, seed: int, out: Path) -> Simulated:
    """Write the run folder of `simulate` to ``out``, which must be empty or not exist yet, and return what it holds.

    As with the runtime itself, a run that executed nothing has no snapshots file.

    Raises:
        InputError: ``events`` is below 1, or ``out`` exists and is not an empty folder.
        OutputError: ``out`` cannot be written.
    """
    ticks = simulate(events, seed)
    with fresh_folder(out):
        return _write(ticks, seed, out)


def _write(ticks: Iterator[Written], seed: int, out: Path) -> Simulated:
    audit_path = out / "audit-events/data/audit_events.ndjson"
    snapshot_path = out / "snapshots/data/snapshots.ndjson"
    audit_path.parent.mkdir(parents=True)
    snapshot_path.parent.mkdir(parents=True)
    (out / "runtime.env").write_bytes(_environment(seed))
    total = Simulated(0, 0, 0)
    with audit_path.open("xb") as audit_file, snapshot_path.open("xb") as snapshot_file:
        for audit, snapshot in ticks:
            audit_file.write(audit)
            snapshot_file.write(snapshot or b"")
            total = Simulated(total.events + audit.count(b"\n"), total.snapshots + bool(snapshot), total.ticks + 1)
    if not total.snapshots:
        snapshot_path.unlink()
    return total


def _environment(seed: int) -> bytes:
    """Return a configuration that the runtime accepts (paper-runtime, section 15); nothing in it is real."""
    instance = as_uuid(derive(Salt.META, f"SIMULATED_RUNTIME|{seed}"))
    settings = {"RUNTIME_INSTANCE_ID": instance, **_ENVIRONMENT}
    return "".join(f"{name}={value}\n" for name, value in settings.items()).encode()


def _until(events: int, ticks: Iterator[Written]) -> Iterator[Written]:
    written = 0
    while written < events:
        tick = next(ticks)
        written += tick.audit.count(b"\n")
        yield tick


def _ticks(seed: int) -> Iterator[Written]:
    """Yield ticks without end, hashed in blocks."""
    ledger, decisions, executions = Ledger(), _Recent(), _Recent()
    steps = scenario(seed)
    size = _FIRST_BLOCK
    while True:
        block = list(islice(steps, size))
        names = name_ticks([Decided(step.tick, step.verdict) for step in block], ledger.plane, derive_many)
        decisions = decisions.then([own.decision for own in names], DECISIONS_BACK)
        executions = executions.then([own.execution for own in names if own.execution], EXECUTIONS_BACK)
        decided = [_with_feedback(step, decisions, executions) for step in block]
        written, ledger = write_ticks(decided, names, ledger, derive_many)
        yield from written
        size = min(2 * size, _LARGEST_BLOCK)


def _with_feedback(step: Step, decisions: _Recent, executions: _Recent) -> Decided:
    tick, verdict, remark = step
    if remark is not None:
        tick = tick._replace(feedback=Feedback(remark.category, _target(remark, decisions, executions)))
    return Decided(tick, verdict)


def _target(remark: Remark, decisions: _Recent, executions: _Recent) -> dict[str, str | int]:
    if remark.about == "DECISION":
        return {"type": "DECISION", "decisionId": decisions.named(remark.first)}
    if remark.about == "EXECUTION":
        return {"type": "EXECUTION", "executionId": executions.named(remark.first)}
    return {"type": "TIME_WINDOW", "from": remark.first, "to": remark.last}
