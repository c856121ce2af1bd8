"""Raw lines to typed events: fast for what the runtime writes, exact about everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

import msgspec

from replayglass import reread
from replayglass.damage import Flaw, Unreadable
from replayglass.domains.paper import schema
from replayglass.domains.paper.events import AuditEvent, Event, Snapshot
from replayglass.domains.paper.soundness import (
    are_as_written,
    are_sound,
    flaws_across,
    flaws_across_positions,
    is_sound_snapshot,
)
from replayglass.record import Finding
from replayglass.reread import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from replayglass.record import Batch


class Invalid(NamedTuple):
    """A JSON object that is no valid record: shown as it stands, never replayed. Fields are None unless well-formed."""

    type: str | None
    id: str | None
    logical_time: int | None
    decision_id: str | None
    code: str
    message: str


DAMAGED = (Invalid, Unreadable)
"""What a record is decoded to when it is no valid event; much cheaper to ask for than for all event types."""

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
        return reread.decode(batch, _EVENT)
    if are_as_written(events, batch.raws) and are_sound(events):
        return [*events], []
    return reread.decode(batch, _EVENT)


def decode_snapshots(batch: Batch) -> Decoded[Snapshot]:
    """Decode a batch of snapshots; result ``i`` belongs to ``batch.raws[i]``."""
    return reread.decode(batch, _SNAPSHOT)


def _read_event(raw: bytes) -> AuditEvent | None:
    try:
        event: AuditEvent = _event(raw)
    except _REFUSED:
        return None
    return event if are_as_written([event], [raw]) and are_sound([event]) else None


def _read_snapshot(raw: bytes) -> Snapshot | None:
    try:
        snapshot = _snapshot(raw)
    except _REFUSED:
        return None
    return snapshot if is_sound_snapshot(snapshot, raw) else None


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


_NOUN, _MORE = "record", "schema.more-flaws"
_EVENT = Reading(_read_event, schema.check_event, _to_event, _invalid, flaws_across, _NOUN, _MORE)
_SNAPSHOT = Reading(_read_snapshot, schema.check_snapshot, _to_snapshot, _invalid, flaws_across_positions, _NOUN, _MORE)
