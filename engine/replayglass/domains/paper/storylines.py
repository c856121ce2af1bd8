"""The lines of a decision's story: its events, and what is to be said beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.collection import NOTES
from replayglass.domains.paper.rows import DECISIONS, EVENTS, SNAPSHOTS
from replayglass.page import Field, Row, RowKind, RowLink

if TYPE_CHECKING:
    from replayglass.domains.paper.decode import Invalid
    from replayglass.domains.paper.rows import Said
    from replayglass.page import Part
    from replayglass.replay import Remarks

_REPEATED = RowKind(
    ((RowLink(EVENTS, "int"),), (Field("word"),), ("repeats event ", RowLink(EVENTS, "int"), "; counted once")),
    "note",
    anchored=False,
)
_TOLD = RowKind(((), (Field("text"),), (Field("text"),)), "effect", anchored=False)
_SHOWN_BY = RowKind(
    ((), (Field("text"),), (Field("text"), ", shown by snapshot ", RowLink(SNAPSHOTS, "int"))), "effect", anchored=False
)
_INVALID_LINE = RowKind(((RowLink(EVENTS, "int"),), ("not valid",), (Field("text"),)), "bad", anchored=False)
_DECISION = RowLink(DECISIONS, "int")


def _neighbours(*parts: Part) -> RowKind:
    return RowKind(((), ("same instance",), parts), "effect", anchored=False)


_BEFORE = _neighbours("before: decision ", _DECISION)
_AFTER = _neighbours("after: decision ", _DECISION)
_BETWEEN = _neighbours("before: decision ", _DECISION, ", after: decision ", _DECISION)
_REMARKED_LINE = RowKind(((), ("note",), (RowLink(NOTES),)), "note", anchored=False)


def story_line(seq: int, said: Said) -> Row:
    """Return the line of an event in the story of its decision, which need not name the decision again."""
    shape, values = said
    return Row(shape.line, seq, (seq // EVENTS.size, seq, seq, *values[shape.told]))


def repeated_line(seq: int, kind: str, earlier: int) -> Row:
    """Return the line of a story that says that an event was repeated."""
    return Row(_REPEATED, seq, (seq // EVENTS.size, seq, seq, kind, earlier // EVENTS.size, earlier, earlier))


def told_line(about: str, text: str) -> Row:
    """Return a line of a story that is no event."""
    return Row(_TOLD, -1, (about, text))


def effect_line(text: str, snapshot: int | None) -> Row:
    """Return the line that says what an execution did to the ledger, and the snapshot that shows it."""
    if snapshot is None:
        return Row(_TOLD, -1, ("ledger effect", text))
    return Row(_SHOWN_BY, -1, ("ledger effect", text, snapshot // SNAPSHOTS.size, snapshot, snapshot))


def invalid_line(seq: int, item: Invalid) -> Row:
    """Return the line of an invalid event that names the decision of the story."""
    return Row(_INVALID_LINE, seq, (seq // EVENTS.size, seq, seq, item.message))


def neighbour_lines(before: int | None, after: int | None) -> list[Row]:
    """Return the line that links to the decisions of the same strategy instance around that of the story, if any."""
    known = [number for number in (before, after) if number is not None]
    if not known:
        return []
    kind = _BETWEEN if len(known) > 1 else _BEFORE if after is None else _AFTER
    values = [value for number in known for value in (number // DECISIONS.size, number, number)]
    return [Row(kind, -1, tuple(values))]


def remark_lines(remarks: Remarks, decision_id: str) -> list[Row]:
    """Return the lines of a story that link to the notes about its decision."""
    found = remarks.by_decision.get(decision_id, ())
    return [Row(_REMARKED_LINE, -1, (note.number, note.number, note.title)) for note in found]
