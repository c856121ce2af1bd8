"""Events that concern a decision whose page was closed already: feedback given late, repeats, damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.canon import encode_inline
from replayglass.collection import Layout
from replayglass.domains.paper import events as ev
from replayglass.domains.paper.documents import LaterEvent
from replayglass.domains.paper.places import DECISIONS, EVENTS, LATER
from replayglass.row import Field, Row, RowKind, RowLink
from replayglass.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from replayglass.page import Artifact

_COLUMNS = ("#", "decision", "event", "type", "value")
_ROW = RowKind(((RowLink(DECISIONS, "int"),), (RowLink(EVENTS, "int"),), (Field("word"),), (Field("text"),)))


class LaterPages:
    """The collection of later events."""

    def __init__(self, limit: int) -> None:
        self.shelf = Shelf(LATER, Layout("decisions", _COLUMNS, "decision-memory-later-page"), limit)

    def add(self, seq: int, event: ev.AuditEvent, decision: int, *, repeated: bool) -> Iterator[Artifact]:
        """Add an event that concerns the closed decision ``decision``."""
        number, value = self.shelf.count, _value(event)
        reason = event.result.reason if isinstance(event, ev.SafetyEvaluated) else None
        links = (decision // DECISIONS.size, decision, decision, seq // EVENTS.size, seq, seq)
        words = f"{value or ''}{', repeated, counted once' if repeated else ''}"
        part = LaterEvent(number, seq, decision, event.id, event.type, value, reason, repeated)
        yield from self.shelf.add(Row(_ROW, number, (*links, event.type, words)), encode_inline(part))


def _value(event: ev.AuditEvent) -> str | None:
    """Return what the reducer counts of an event: status, safety result or feedback category."""
    if isinstance(event, ev.ExecutionOutcomeRecorded):
        return event.status
    if isinstance(event, ev.SafetyEvaluated):
        return event.result.type
    return event.category if isinstance(event, ev.UserFeedbackRecorded) else None
