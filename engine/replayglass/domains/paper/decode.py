"""Raw lines to typed events: fast for what the runtime writes, exact about everything else."""

from __future__ import annotations

import re
from functools import lru_cache
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


_IDS = re.compile(rf"(?:{schema.UUID.pattern}\n)*", re.ASCII)
_DECIMALS = re.compile(rf"(?:{schema.DECIMAL.pattern}\n)*", re.ASCII)
_is_uuid = lru_cache(maxsize=4096)(lambda text: schema.UUID.fullmatch(text) is not None)
_is_class = lru_cache(maxsize=4096)(schema.is_decision_class)


def _all_sound(events: Sequence[AuditEvent | Invalid | Unreadable]) -> bool:
    """Answer for a whole batch what `_is_sound` answers for one event, with one regular expression for all ids."""
    typed = [event for event in events if isinstance(event, AuditEvent)]
    ids = [event.id for event in typed]
    for event in typed:
        kind = type(event)
        if event.logical_time != event.created_at_logical:
            return False
        if kind is DecisionEvaluated or kind is SafetyEvaluated:
            ids.append(event.decision_id)  # type: ignore[attr-defined]
        elif kind is ExecutionAttempted or kind is ExecutionOutcomeRecorded:
            ids += (event.decision_id, event.execution_id)  # type: ignore[attr-defined]
        if (rule := _RULES.get(kind)) is not None and rule(event):
            return False
    ids.append("")
    return _IDS.fullmatch("\n".join(ids)) is not None


def _is_sound(event: AuditEvent | Invalid | Unreadable) -> bool:
    if not isinstance(event, AuditEvent):
        return False
    ids = [event.id, getattr(event, "decision_id", event.id), getattr(event, "execution_id", event.id)]
    return all(schema.UUID.fullmatch(text) for text in ids) and not _flaws_across(event)


def _flaws_across(event: AuditEvent) -> list[Flaw]:
    """Return what is wrong between the fields of a well-typed event, or with the form of one: it is still replayed."""
    flaws = []
    if event.logical_time != event.created_at_logical:
        flaws.append(_flaw("created-at-mismatch", "The field createdAtLogical differs from logicalTime."))
    rule = _RULES.get(type(event))
    if rule is not None:
        flaws += rule(event)
    return flaws


def _flaw(code: str, message: str, severity: Severity = Severity.ERROR) -> Flaw:
    return Flaw(f"schema.{code}", severity, message)


def _decision_flaws(event: DecisionEvaluated) -> list[Flaw]:
    flaws = []
    if not _is_class(event.decision_class):
        flaws.append(_flaw("decision-class", "The field decisionClass is not of the form part.part.part@vN."))
    if not _is_uuid(event.strategy_instance_id):
        words = "The field strategyInstanceId is no UUID (the runtime does not check it)."
        flaws.append(_flaw("instance-id", words, Severity.WARNING))
    return flaws


def _intent_flaws(event: OrderIntentCreated) -> list[Flaw]:
    if schema.ORDER_INTENT_ID.fullmatch(event.order_intent_id):
        return []
    return [_flaw("order-intent-id", "The field orderIntentId is not 32 lower-case hexadecimal digits.")]


def _safety_flaws(event: SafetyEvaluated) -> list[Flaw]:
    if (event.result.type == "ALLOW") == (event.result.reason is None):
        return []
    return [_flaw("safety-reason", "A safety result has a reason exactly when its type is not ALLOW; this one differs.")]


def _feedback_flaws(event: UserFeedbackRecorded) -> list[Flaw]:
    flaws = []
    if event.feedback_id != event.id:
        flaws.append(_flaw("feedback-id", "The field feedbackId differs from id."))
    target = event.target
    text = event.id
    if isinstance(target, DecisionTarget):
        text = target.decision_id
    elif isinstance(target, ExecutionTarget):
        text = target.execution_id
    if not schema.UUID.fullmatch(text):
        flaws.append(Flaw("schema.uuid", Severity.ERROR, "The id in the field target is no UUID.", fatal=True))
    return flaws


_RULES: dict[type[AuditEvent], Callable[..., list[Flaw]]] = {
    DecisionEvaluated: _decision_flaws,
    OrderIntentCreated: _intent_flaws,
    SafetyEvaluated: _safety_flaws,
    UserFeedbackRecorded: _feedback_flaws,
}


def _is_sound_snapshot(snapshot: Snapshot, raw: bytes) -> bool:
    positions = snapshot.positions
    if raw.count(b'"') != _SNAPSHOT_QUOTES + _POSITION_QUOTES * len(positions):
        return False
    held = positions.values()
    if [position.market_id for position in held] != list(positions):
        return False
    ids = "\n".join([snapshot.snapshot_id, *[position.last_execution_id for position in held], ""])
    quantities = "\n".join([*[position.quantity for position in held], ""])
    return _IDS.fullmatch(ids) is not None and _DECIMALS.fullmatch(quantities) is not None


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


def _position_flaws(snapshot: object) -> list[Flaw]:
    if not isinstance(snapshot, Snapshot):
        return []
    return [
        _flaw("position-key", f"The key {schema.show(market)} of positions differs from the marketId under it.")
        for market, position in snapshot.positions.items()
        if market != position.market_id
    ]


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
