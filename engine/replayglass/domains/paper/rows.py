"""How each kind of audit event reads as a row: every field of it, in words, with links to what it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from replayglass.collection import NOTES
from replayglass.damage import INVALID, damaged_kind
from replayglass.domains.paper import events as ev
from replayglass.domains.paper.places import DECISIONS, EVENTS, POSITIONS
from replayglass.row import Field, Part, Raw, Row, RowKind, RowLink

if TYPE_CHECKING:
    from replayglass.damage import Damage
    from replayglass.domains.paper.decode import Invalid
    from replayglass.replay import Remarks
    from replayglass.row import Value

EVENT_COLUMNS = ("#", "time", "created", "event", "says", "id", "record")


class Shape(NamedTuple):
    """The two rows an event is shown as: on its event page, and as a line of its decision's story.

    The line takes the values ``told``: it does not link to the decision whose story it stands in.
    """

    event: RowKind
    line: RowKind
    told: slice


Said = tuple[Shape, tuple["Value", ...]]
"""What an event says: its shape, and the values of its parts."""

NOTHING: Said = (Shape(RowKind(()), RowKind(()), slice(0)), ())
"""What an event says where nobody reads it."""

_LINK_VALUES = 3
"""Values of the link to the decision, which stand last."""

_OWN: tuple[tuple[Part, ...], ...] = (", decision ", RowLink(DECISIONS, "id")), (", decision ", Field("id"))
_TICK: tuple[tuple[Part, ...], ...] = (", in the tick of decision ", RowLink(DECISIONS, "int")), ()


def _shapes(kind: str, tail: tuple[tuple[Part, ...], ...], *parts: Part, tone: str = "") -> tuple[Shape, Shape]:
    """Return the shapes of an event that is joined to a decision, and of one that is not."""
    line = RowKind(((RowLink(EVENTS, "int"),), (kind,), parts), tone, anchored=False)
    joined, alone = (_row_kind(kind, (*parts, *more), tone) for more in tail)
    return Shape(joined, line, slice(None, -_LINK_VALUES)), Shape(alone, line, slice(None))


def _row_kind(kind: str, says: tuple[Part, ...], tone: str) -> RowKind:
    return RowKind(((Field("int"),), (Field("int"),), (kind, " v1"), says, (Field("id"),), (Raw(),)), tone)


_WORD, _ID = Field("word"), Field("id")
_OF_CLASS: tuple[Part, ...] = (", class ", Field("code"), ", by instance ", Field("code"))
_CODES: tuple[Part, ...] = (", recovered reason codes ", Field("code"))


def _decided_shape(*more: Part) -> Shape:
    return Shape(
        _row_kind("DECISION_EVALUATED", ("decision ", RowLink(DECISIONS, "id"), *_OF_CLASS, *more), "head"),
        RowKind(
            ((RowLink(EVENTS, "int"),), ("DECISION_EVALUATED",), ("decision ", _ID, *_OF_CLASS, *more)),
            "head",
            anchored=False,
        ),
        slice(2, None),
    )


_DECIDED, _DECIDED_WHY = _decided_shape(), _decided_shape(*_CODES)
_UNCOUNTED = _row_kind("DECISION_EVALUATED", ("decision ", _ID, *_OF_CLASS, ", not counted"), "warn")
_CREATED = _shapes(
    "ORDER_INTENT_CREATED", _TICK, _WORD, " of ", Field("strong"), " proposed, order intent ", Field("code")
)
_NOTHING: tuple[Part, ...] = ("nothing proposed, reason ", _WORD)
_SKIPPED = _shapes("ORDER_INTENT_SKIPPED", _TICK, *_NOTHING)
_SKIPPED_WHY = _shapes("ORDER_INTENT_SKIPPED", _TICK, *_NOTHING, ", recovered reason ", _WORD)
_ATTEMPTED = _shapes("EXECUTION_ATTEMPTED", _OWN, "on plane ", _WORD, ", execution ", _ID)
_TOOK_IN: tuple[Part, ...] = ("ledger of plane ", _WORD, " took in ", Field("strong"))
_UPDATED = _shapes("LEDGER_UPDATED", _TICK, *_TOOK_IN)
_CHANGED = _shapes("LEDGER_UPDATED", _TICK, *_TOOK_IN, ", position change ", RowLink(POSITIONS, "int"))
_SAFETY = {
    word: _shapes("SAFETY_EVALUATED", _OWN, _WORD, *more, tone=tone)
    for word, more, tone in (
        ("ALLOW", (), "good"),
        ("BLOCK_BUY", (" because ", _WORD), "warn"),
        ("HALT", (" because ", _WORD), "warn"),
        ("FORCE_SELL", (" because ", _WORD), "warn"),
    )
}
_OUTCOME = {
    word: _shapes("EXECUTION_OUTCOME_RECORDED", _OWN, _WORD, ", execution ", _ID, tone=tone)
    for word, tone in (("FILLED", "good"), ("PARTIALLY_FILLED", "warn"), ("FAILED", "bad"))
}
_ABOUT: dict[type, tuple[Part, ...]] = {
    ev.DecisionTarget: ("decision ", _ID),
    ev.ExecutionTarget: ("execution ", _ID),
    ev.WindowTarget: ("the time from ", Field("int"), " to ", Field("int")),
}
_ABOUT_KNOWN: dict[type, tuple[Part, ...]] = {
    ev.DecisionTarget: ("the decision ", RowLink(DECISIONS, "id")),
    ev.ExecutionTarget: ("execution ", _ID, " of decision ", RowLink(DECISIONS, "int")),
}
_FEEDBACK, _FEEDBACK_KNOWN = (
    {
        target: _shapes("USER_FEEDBACK_RECORDED", _TICK, _WORD, ", feedback ", _ID, " on ", *parts, tone="note")
        for target, parts in about.items()
    }
    for about in (_ABOUT, _ABOUT_KNOWN)
)
_FREE = _shapes("SAFETY_EVALUATED", _OWN, _WORD, " because ", Field("code"), tone="bad")


def _own(number: int | None, decision_id: str) -> tuple[Value, ...]:
    return (decision_id,) if number is None else (number // DECISIONS.size, number, decision_id)


def _tick(number: int | None) -> tuple[Value, ...]:
    return () if number is None else (number // DECISIONS.size, number, number)


def decided(event: ev.DecisionEvaluated, number: int | None, codes: tuple[str, ...] | None) -> Said:
    """Return what a decision evaluated says; ``number`` is the decision's, None if its first evaluation is no input.

    ``codes`` are its reason codes if they were recovered.
    """
    says = (event.decision_class, event.strategy_instance_id)
    if number is None:
        return Shape(_UNCOUNTED, _DECIDED.line, slice(None)), (event.decision_id, *says)
    head = (number // DECISIONS.size, number, event.decision_id, *says)
    return (_DECIDED, head) if codes is None else (_DECIDED_WHY, (*head, listed(codes)))


def listed(codes: tuple[str, ...]) -> str:
    """Return reason codes in words."""
    return ", ".join(codes) or "none"


def created(event: ev.OrderIntentCreated, number: int | None) -> Said:
    """Return what an order intent created says; ``number`` is the decision it is joined to, or None."""
    return _CREATED[number is None], (event.side, event.market_id, event.order_intent_id, *_tick(number))


def skipped(event: ev.OrderIntentSkipped, number: int | None, why: str | None) -> Said:
    """Return what an order intent skipped says; ``number`` is the decision it is joined to, or None.

    ``why`` is the NoIntentReason if it was recovered.
    """
    if why is None:
        return _SKIPPED[number is None], (event.reason, *_tick(number))
    return _SKIPPED_WHY[number is None], (event.reason, why, *_tick(number))


def safety(event: ev.SafetyEvaluated, number: int | None) -> Said:
    """Return what a safety result says; ``number`` is the decision it is joined to, or None."""
    result = event.result
    if result.type == "ALLOW" and result.reason is None:
        return _SAFETY["ALLOW"][number is None], ("ALLOW", *_own(number, event.decision_id))
    shape = _FREE if result.type == "ALLOW" or result.reason is None else _SAFETY[result.type]
    return shape[number is None], (result.type, result.reason or "no reason", *_own(number, event.decision_id))


def attempted(event: ev.ExecutionAttempted, number: int | None) -> Said:
    """Return what an execution attempted says; ``number`` is the decision it is joined to, or None."""
    return _ATTEMPTED[number is None], (event.plane, event.execution_id, *_own(number, event.decision_id))


def outcome(event: ev.ExecutionOutcomeRecorded, number: int | None) -> Said:
    """Return what an execution outcome says; ``number`` is the decision it is joined to, or None."""
    shape = _OUTCOME[event.status][number is None]
    return shape, (event.status, event.execution_id, *_own(number, event.decision_id))


def updated(event: ev.LedgerUpdated, number: int | None, change: int | None = None) -> Said:
    """Return what a ledger update says; ``number`` is the decision it is joined to, or None.

    ``change`` is the row of the change of a position that it made.
    """
    row = () if change is None else (change // POSITIONS.size, change, change)
    shape = (_CHANGED if row else _UPDATED)[number is None]
    return shape, (event.plane, event.market_id, *row, *_tick(number))


def feedback(event: ev.UserFeedbackRecorded, number: int | None, about: int | None) -> Said:
    """Return what feedback says; ``number`` is the decision it is joined to, ``about`` the one it is about."""
    target = event.target
    if isinstance(target, ev.WindowTarget):
        pointed: tuple[Value, ...] = (target.start, target.end)
    elif isinstance(target, ev.DecisionTarget):
        pointed = _own(about, target.decision_id)
    else:
        pointed = (target.execution_id, *_tick(about))
    shape = (_FEEDBACK if about is None else _FEEDBACK_KNOWN)[type(target)][number is None]
    return shape, (event.category, event.feedback_id, *pointed, *_tick(number))


def event_row(seq: int, event: ev.AuditEvent, said: Said, raw: bytes | str) -> Row:
    """Return the row of ``event`` on its event page."""
    shape, values = said
    return Row(shape.event, seq, (event.logical_time, event.created_at_logical, *values, event.id, raw))


_NAMED: tuple[Part, ...] = ("(type ", Field("code"), ", time ", Field("code"), ", id ", Field("code"), ") ", Raw())
_INVALID = (*INVALID, *_NAMED)
_REPEAT = RowKind(
    ((), ("\u21b3 this id was seen before, in event ", RowLink(EVENTS, "int"), "; replay counts an id once")),
    "note",
    span=6,
    anchored=False,
)


def invalid_row(place: Damage, item: Invalid, raw: bytes | str, span: int) -> Row:
    """Return the row of a JSON object that is no valid record, ``span`` columns wide."""
    time = "none" if item.logical_time is None else str(item.logical_time)
    named = (item.type or "none", time, item.id or "none")
    return Row(
        damaged_kind(_INVALID, span), place.seq, (place.code, place.line, place.offset, item.message, *named, raw)
    )


def repeat_row(earlier: int) -> Row:
    """Return the remark that the id of the event above was seen before, in event ``earlier``."""
    return Row(_REPEAT, -1, (earlier // EVENTS.size, earlier, earlier))


_REMARKED = RowKind(((), ("\u270e note: ", RowLink(NOTES))), "note", span=6, anchored=False)


def remark_rows(remarks: Remarks, seq: int, event_id: str) -> list[Row]:
    """Return the rows that link to the notes about an event."""
    found = [*remarks.by_seq.get(seq, ()), *remarks.by_event.get(event_id, ())]
    return [Row(_REMARKED, -1, (note.number, note.number, note.title)) for note in found]
