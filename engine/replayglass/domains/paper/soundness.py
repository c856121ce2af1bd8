"""What is wrong between the fields of a well-typed record: the checks that its JSON types cannot express.

Whole batches are checked at once, with one regular expression for all ids, because nearly all of them are sound.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from replayglass.damage import Flaw
from replayglass.domains.paper import schema
from replayglass.domains.paper.events import (
    AuditEvent,
    DecisionEvaluated,
    DecisionTarget,
    ExecutionAttempted,
    ExecutionOutcomeRecorded,
    ExecutionTarget,
    OrderIntentCreated,
    SafetyEvaluated,
    Snapshot,
    UserFeedbackRecorded,
)
from replayglass.record import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NAMED: dict[type[AuditEvent], tuple[Callable[[AuditEvent], str], ...]] = {
    DecisionEvaluated: (attrgetter("decision_id"),),
    SafetyEvaluated: (attrgetter("decision_id"),),
    ExecutionAttempted: (attrgetter("decision_id"), attrgetter("execution_id")),
    ExecutionOutcomeRecorded: (attrgetter("decision_id"), attrgetter("execution_id")),
}
"""The ids that are promised to be UUIDs, beside every event's own and those in the target of feedback."""

_REASON_QUOTES = 4
_SNAPSHOT_QUOTES, _POSITION_QUOTES = 18, 16
_LENGTH, _BYTES, _DASHES = 36, 16, (8, 13, 18, 23)
_DECIMALS = re.compile(rf"(?:{schema.DECIMAL.pattern}\n)*", re.ASCII)
_is_uuid = lru_cache(maxsize=4096)(lambda text: schema.UUID.fullmatch(text) is not None)
_is_class = lru_cache(maxsize=4096)(schema.is_decision_class)


def are_as_written(events: Sequence[AuditEvent], raws: Sequence[bytes]) -> bool:
    """Say whether no line of these well-typed events holds a key twice or a key too many.

    Such a key brings quotation marks of its own, and none can be missing; so if all lines together have as many as
    all events together need, each line has.
    """
    reasons = sum(type(event) is SafetyEvaluated and event.result.reason is not None for event in events)
    needed = sum([event.quotes for event in events]) + _REASON_QUOTES * reasons
    return b"".join(raws).count(b'"') == needed


def are_sound(events: Sequence[AuditEvent]) -> bool:
    """Say whether every id of ``events`` is a UUID and none of them has a flaw across its fields."""
    if [event.logical_time for event in events] != [event.created_at_logical for event in events]:
        return False
    by_kind: dict[type[AuditEvent], list[AuditEvent]] = {}
    for event in events:
        by_kind.setdefault(type(event), []).append(event)
    ids = [event.id for event in events]
    for kind, getters in _NAMED.items():
        for getter in getters:
            ids += map(getter, by_kind.get(kind, ()))
    for feedback in by_kind.get(UserFeedbackRecorded, ()):
        ids += _ids_in(feedback)  # type: ignore[arg-type]  # the key says so
    flawed = any(rule(event) for kind, rule in _RULES.items() for event in by_kind.get(kind, ()))
    return not flawed and _are_uuids(ids)


def _are_uuids(texts: Sequence[str]) -> bool:
    """Say whether all texts are UUIDs (section 1): 36 characters, dashes at four places, else hexadecimal digits."""
    joined = "".join(texts)
    count = len(texts)
    if not joined.isascii() or len(joined) != _LENGTH * count or set(map(len, texts)) - {_LENGTH}:
        return False
    if any(joined[place::_LENGTH] != "-" * count for place in _DASHES):
        return False
    try:
        # Blanks between digits are skipped, so that fewer bytes come out.
        return len(bytes.fromhex(joined.replace("-", ""))) == _BYTES * count
    except ValueError:
        return False


def _all_match(lines: re.Pattern[str], texts: Sequence[str]) -> bool:
    # The number of line ends tells a text that itself holds some from several texts.
    joined = "\n".join([*texts, ""])
    return joined.count("\n") == len(texts) and lines.fullmatch(joined) is not None


def _ids_in(event: UserFeedbackRecorded) -> tuple[str, ...]:
    target = event.target
    if isinstance(target, DecisionTarget):
        return (target.decision_id,)
    return (target.execution_id,) if isinstance(target, ExecutionTarget) else ()


def flaws_across(event: AuditEvent) -> list[Flaw]:
    """Return what is wrong between the fields of a well-typed event, or with the form of one: it is still replayed."""
    flaws = []
    if event.logical_time != event.created_at_logical:
        flaws.append(_flaw("created-at-mismatch", "The field createdAtLogical differs from logicalTime."))
    rule = _RULES.get(type(event))
    if rule is not None:
        flaws += rule(event)
    return flaws


_NONE: list[Flaw] = []


def _flaw(code: str, message: str, severity: Severity = Severity.ERROR) -> Flaw:
    return Flaw(f"schema.{code}", severity, message)


def _decision_flaws(event: DecisionEvaluated) -> list[Flaw]:
    if _is_class(event.decision_class) and _is_uuid(event.strategy_instance_id):
        return _NONE
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
    words = "A safety result has a reason exactly when its type is not ALLOW; this one differs."
    return [_flaw("safety-reason", words)]


def _feedback_flaws(event: UserFeedbackRecorded) -> list[Flaw]:
    if event.feedback_id == event.id:
        return []
    return [_flaw("feedback-id", "The field feedbackId differs from id.")]


_RULES: dict[type[AuditEvent], Callable[..., list[Flaw]]] = {
    DecisionEvaluated: _decision_flaws,
    OrderIntentCreated: _intent_flaws,
    SafetyEvaluated: _safety_flaws,
    UserFeedbackRecorded: _feedback_flaws,
}


def is_sound_snapshot(snapshot: Snapshot, raw: bytes) -> bool:
    """Say whether a snapshot was written without doubled or surplus keys and its ids, keys and quantities are sound."""
    positions = snapshot.positions
    if raw.count(b'"') != _SNAPSHOT_QUOTES + _POSITION_QUOTES * len(positions):
        return False
    held = positions.values()
    if [position.market_id for position in held] != list(positions):
        return False
    ids = [snapshot.snapshot_id, *[position.last_execution_id for position in held]]
    return _are_uuids(ids) and _all_match(_DECIMALS, [position.quantity for position in held])


def flaws_across_positions(snapshot: Snapshot) -> list[Flaw]:
    """Return which keys of positions differ from the market under them: the snapshot is still replayed."""
    return [
        _flaw("position-key", f"The key {schema.show(market)} of positions differs from the marketId under it.")
        for market, position in snapshot.positions.items()
        if market != position.market_id
    ]
