"""Raw lines to typed events: fast for what the runtime writes, exact about everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, cast

import msgspec

from replayglass.domains.paper import schema
from replayglass.domains.paper.events import AuditEvent, Event, Snapshot
from replayglass.domains.paper.schema import Flaw
from replayglass.domains.paper.soundness import (
    are_as_written,
    are_sound,
    flaws_across,
    flaws_across_positions,
    is_sound_snapshot,
)
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


DAMAGED = (Invalid, Unreadable)
"""What a record is decoded to when it is no valid event; much cheaper to ask for than for all event types."""

TOO_LONG = Unreadable(
    "ndjson.line-too-long", "The line is longer than the limit; its size and digest are in a finding."
)
"""What stands for a line that was not held in memory; its raw bytes are empty, and reading it gave a finding."""

T = TypeVar("T")
Decoded = tuple[list[T | Invalid | Unreadable], list[Finding]]

_event = msgspec.json.Decoder(Event).decode
_snapshot = msgspec.json.Decoder(Snapshot).decode
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def decode_events(batch: Batch) -> Decoded[AuditEvent]:
    """Decode a batch of audit events; result ``i`` belongs to ``batch.raws[i]``."""
    try:
        events: list[AuditEvent] = list(map(_event, batch.raws))
    except _REFUSED:
        return _decode_one_by_one(batch)
    if are_as_written(events, batch.raws) and are_sound(events):
        return [*events], []
    return _decode_one_by_one(batch)


def _decode_one_by_one(batch: Batch) -> Decoded[AuditEvent]:
    found: list[AuditEvent | Invalid | Unreadable] = []
    findings: list[Finding] = []
    for index, raw in enumerate(batch.raws):
        try:
            event = _event(raw)
        except _REFUSED:
            event = None
        if event is not None and are_as_written([event], [raw]) and are_sound([event]):
            found.append(event)
            continue
        again = _reread(raw, _EVENT)
        found.append(again.item)
        findings += _report(batch, index, again.flaws)
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
        if snapshot is not None and is_sound_snapshot(snapshot, raw):
            found.append(snapshot)
            continue
        again = _reread(raw, _SNAPSHOT)
        found.append(again.item)
        findings += _report(batch, index, again.flaws)
    return found, findings


class _Reading(NamedTuple, Generic[T]):
    """How a JSON object becomes a record: its schema, the record, what is wrong between the fields of that."""

    check: Callable[[dict[str, object]], list[Flaw]]
    convert: Callable[[dict[str, object]], T]
    check_across: Callable[[T], list[Flaw]]


class _Reread(NamedTuple, Generic[T]):
    item: T | Invalid | Unreadable
    flaws: list[Flaw]


def _reread(raw: bytes, reading: _Reading[T]) -> _Reread[T]:
    if not raw:
        return _Reread(TOO_LONG, [])
    given = read_object(raw)
    if isinstance(given, Fault):
        flaw = Flaw(given.code, Severity.ERROR, given.message, fatal=True)
        return _Reread(Unreadable(given.code, given.message), [flaw])
    flaws = reading.check(given)
    fatal = next((flaw for flaw in flaws if flaw.fatal), None)
    if fatal is not None:
        return _Reread(_invalid(given, fatal), flaws)
    record = reading.convert(given)
    return _Reread(record, flaws + reading.check_across(record))


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
    return {name: schema.read_time(given[name]) if name in _TIMES else given[name] for name in names if name in given}


def _to_event(given: dict[str, object]) -> AuditEvent:
    kind = str(given["type"])
    names = schema.fields_of(kind)
    plain = _known(given, names)
    for nested in ("result", "target"):
        inner = plain.get(nested)
        if isinstance(inner, dict):
            plain[nested] = _known(inner, schema.fields_of(inner["type"]) if nested == "target" else ("type", "reason"))
    event: AuditEvent = msgspec.convert(plain, Event)
    return event


def _to_snapshot(given: dict[str, object]) -> Snapshot:
    plain = _known(given, schema.fields_of("SHADOW_LEDGER_SNAPSHOT"))
    positions = cast("dict[str, dict[str, object]]", plain["positions"])
    plain["positions"] = {market: _known(held, schema.fields_of("POSITION")) for market, held in positions.items()}
    return msgspec.convert(plain, Snapshot)


_EVENT = _Reading(schema.check_event, _to_event, flaws_across)
_SNAPSHOT = _Reading(schema.check_snapshot, _to_snapshot, flaws_across_positions)


def _report(batch: Batch, index: int, flaws: Sequence[Flaw]) -> list[Finding]:
    place = batch.position(index)
    shown = [Finding.at(flaw.code, flaw.severity, flaw.message, place) for flaw in flaws[:MAX_FLAWS]]
    if len(flaws) > MAX_FLAWS:
        words = f"The record has {len(flaws) - MAX_FLAWS} more flaws like these."
        worst = Severity.ERROR if any(flaw.severity is Severity.ERROR for flaw in flaws) else Severity.INFO
        shown.append(Finding.at("schema.more-flaws", worst, words, place))
    return shown
