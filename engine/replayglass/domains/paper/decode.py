"""Raw lines to typed events: fast for what the runtime writes, exact about everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from replayglass.domains.paper import schema
from replayglass.domains.paper.events import (
    AuditEvent,
    DecisionEvaluated,
    DecisionTarget,
    Event,
    ExecutionAttempted,
    ExecutionOutcomeRecorded,
    ExecutionTarget,
    OrderIntentCreated,
    SafetyEvaluated,
    Snapshot,
    UserFeedbackRecorded,
)
from replayglass.domains.paper.schema import Flaw
from replayglass.log.strict import Fault, read_object
from replayglass.record import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from replayglass.record import Batch

MAX_FLAWS = 8
"""Flaws of one record that are reported one by one."""


class Invalid(NamedTuple):
    """A JSON object that is no valid record: shown as it stands, never replayed. Fields are None unless well-formed."""

    type: str | None
    id: str | None
    logical_time: int | None
    decision_id: str | None
    code: str
    message: str


class Unreadable(NamedTuple):
    """A line that is no JSON object at all."""

    code: str
    message: str


TOO_LONG = Unreadable("ndjson.line-too-long", "The line is longer than the limit; its size and digest are in a finding.")
"""What stands for a line that was not held in memory; its raw bytes are empty, and reading it gave a finding."""

T = TypeVar("T")
Decoded = tuple[list[T | Invalid | Unreadable], list[Finding]]

_event = msgspec.json.Decoder(Event).decode
_snapshot = msgspec.json.Decoder(Snapshot).decode
_REASON_QUOTES = SafetyEvaluated.quotes + 4
_SNAPSHOT_QUOTES, _POSITION_QUOTES = 18, 16
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def decode_events(batch: Batch) -> Decoded[AuditEvent]:
    """Decode a batch of audit events; result ``i`` belongs to ``batch.raws[i]``."""
    found: list[AuditEvent | Invalid | Unreadable] = []
    findings: list[Finding] = []
    doubtful: list[int] = []
    for index, raw in enumerate(batch.raws):
        try:
            event = _event(raw)
        except _REFUSED:
            doubtful.append(index)
            found.append(_PENDING)
            continue
        if (quotes := raw.count(b'"')) != event.quotes and not _has_reason(event, quotes):
            doubtful.append(index)
        found.append(event)
    if not _all_sound(found):
        doubtful = sorted({*doubtful, *(i for i, event in enumerate(found) if not _is_sound(event))})
    for index in doubtful:
        found[index], flaws = _reread(batch.raws[index], schema.check_event, _to_event)
        findings += _report(batch, index, flaws)
    return found, findings


def decode_snapshots(batch: Batch) -> Decoded[Snapshot]:
    """Decode a batch of snapshots; result ``i`` belongs to ``batch.raws[i]``."""
    found: list[Snapshot | Invalid | Unreadable] = []
    findings: list[Finding] = []
    for index, raw in enumerate(batch.raws):
        try:
            snapshot = _snapshot(raw)
        except _REFUSED:
            snapshot = None
        if snapshot is not None and _is_sound_snapshot(snapshot, raw):
            found.append(snapshot)
            continue
        item, flaws = _reread(raw, schema.check_snapshot, _to_snapshot)
        found.append(item)
        findings += _report(batch, index, flaws)
    return found, findings


_PENDING = Unreadable("", "")


def _has_reason(event: Event, quotes: int) -> bool:
    return type(event) is SafetyEvaluated and quotes == _REASON_QUOTES and event.result.reason is not None


def _reread(
    raw: bytes, check: Callable[[dict[str, object]], list[Flaw]], convert: Callable[[dict[str, object]], T]
) -> tuple[T | Invalid | Unreadable, list[Flaw]]:
    if not raw:
        return TOO_LONG, []
    given = read_object(raw)
    if isinstance(given, Fault):
        return Unreadable(given.code, given.message), [Flaw(given.code, Severity.ERROR, given.message, fatal=True)]
    flaws = check(given)
    fatal = next((flaw for flaw in flaws if flaw.fatal), None)
    if fatal is None:
        record = convert(given)
        flaws = flaws + (_flaws_across(record) if isinstance(record, AuditEvent) else _position_flaws(record))
        fatal = next((flaw for flaw in flaws if flaw.fatal), None)
        if fatal is None:
            return record, flaws
    return _invalid(given, fatal), flaws


def _invalid(given: dict[str, object], flaw: Flaw) -> Invalid:
    kind, own, decision = given.get("type"), given.get("id", given.get("snapshotId")), given.get("decisionId")
    return Invalid(
        kind if isinstance(kind, str) else None,
        own if isinstance(own, str) else None,
        schema.read_time(given.get("logicalTime")),
        decision if isinstance(decision, str) else None,
        flaw.code,
        flaw.message,
    )


_TIMES = ("logicalTime", "createdAtLogical", "from", "to")


def _known(given: dict[str, object], names: Iterable[str]) -> dict[str, object]:
    """Keep the fields of the schema, with times as numbers."""
    return {
        name: schema.read_time(given[name]) if name in _TIMES else given[name] for name in names if name in given
    }


def _to_event(given: dict[str, object]) -> AuditEvent:
    kind = str(given["type"])
    names = schema.fields_of(kind)
    plain = _known(given, names)
    for nested in ("result", "target"):
        inner = plain.get(nested)
        if isinstance(inner, dict):
            plain[nested] = _known(inner, schema.fields_of(inner["type"]) if nested == "target" else ("type", "reason"))
    return msgspec.convert(plain, Event)  # type: ignore[arg-type]


def _to_snapshot(given: dict[str, object]) -> Snapshot:
    plain = _known(given, schema.fields_of("SHADOW_LEDGER_SNAPSHOT"))
    positions = plain["positions"]
    if isinstance(positions, dict):
        plain["positions"] = {market: _known(held, schema.fields_of("POSITION")) for market, held in positions.items()}
    return msgspec.convert(plain, Snapshot)


def _report(batch: Batch, index: int, flaws: Sequence[Flaw]) -> list[Finding]:
    place = batch.position(index)
    shown = [Finding.at(flaw.code, flaw.severity, flaw.message, place) for flaw in flaws[:MAX_FLAWS]]
    if len(flaws) > MAX_FLAWS:
        words = f"The record has {len(flaws) - MAX_FLAWS} more flaws like these."
        worst = Severity.ERROR if any(flaw.severity is Severity.ERROR for flaw in flaws) else Severity.INFO
        shown.append(Finding.at("schema.more-flaws", worst, words, place))
    return shown
