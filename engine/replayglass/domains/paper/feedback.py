"""Users' feedback: every record of it, and what it points at as far as that was known when it was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.canon import encode_inline
from replayglass.collection import Layout
from replayglass.domains.paper import events as ev
from replayglass.domains.paper.documents import FeedbackRow
from replayglass.domains.paper.places import DECISIONS, EVENTS, FEEDBACK
from replayglass.row import Field, Part, Row, RowKind, RowLink
from replayglass.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.page import Artifact
    from replayglass.row import Value

_COLUMNS = ("#", "event", "time", "category", "points at")
_HEAD: tuple[tuple[Part, ...], ...] = ((RowLink(EVENTS, "int"),), (Field("int"),), (Field("word"),))
_KNOWN = RowKind((*_HEAD, (Field("text"), " ", Field("id"), ", see decision ", RowLink(DECISIONS, "int"))))
_UNKNOWN = RowKind((*_HEAD, (Field("text"), " ", Field("id"), ", which the log does not know at this point")), "warn")
_WINDOW = RowKind((*_HEAD, ("the logical time from ", Field("int"), " to ", Field("int"), Field("text"))))


class FeedbackPages:
    """The collection of feedback records."""

    def __init__(self, limit: int) -> None:
        self.shelf = Shelf(FEEDBACK, Layout("feedback", _COLUMNS, "feedback-page", about=("first time",)), limit)

    def add(
        self, seq: int, event: ev.UserFeedbackRecorded, decision: int | None, *, counted: bool
    ) -> Iterator[Artifact]:
        """Add a feedback event; ``decision`` is what it points at, directly or through an execution."""
        number = self.shelf.count
        head = (seq // EVENTS.size, seq, seq, event.logical_time, event.category)
        kind, values = _pointer(event, decision)
        target = ev.target_fields(event.target)
        part = FeedbackRow(number, seq, event.id, str(event.logical_time), event.category, target, decision, counted)
        yield from self.shelf.add(Row(kind, number, (*head, *values)), encode_inline(part), (event.logical_time,))


def _pointer(event: ev.UserFeedbackRecorded, decision: int | None) -> tuple[RowKind, tuple[Value, ...]]:
    target = event.target
    if isinstance(target, ev.WindowTarget):
        return _WINDOW, (target.start, target.end, _window_words(target, event.logical_time))
    one = isinstance(target, ev.DecisionTarget)
    name = "decision" if one else "execution"
    text = target.decision_id if isinstance(target, ev.DecisionTarget) else target.execution_id
    if decision is None:
        return _UNKNOWN, (name, text)
    return _KNOWN, (name, text, decision // DECISIONS.size, decision, decision)


def _window_words(window: ev.WindowTarget, now: int) -> str:
    if window.start > window.end:
        return ", which is inverted"
    return ", which ends in the future" if window.end > now else ""
