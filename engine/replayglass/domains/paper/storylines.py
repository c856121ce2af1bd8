"""The lines of a decision's story: its events, and what is to be said beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from replayglass.collection import NOTES
from replayglass.domains.paper.places import DECISIONS, EVENTS, POSITIONS, SNAPSHOTS
from replayglass.row import DocumentLink, Field, Row, RowKind, RowLink

if TYPE_CHECKING:
    from replayglass.domains.paper.decode import Invalid
    from replayglass.domains.paper.rows import Said
    from replayglass.replay import Remarks
    from replayglass.row import Part

_REPEATED = RowKind(
    ((RowLink(EVENTS, "int"),), (Field("word"),), ("repeats event ", RowLink(EVENTS, "int"), "; counted once")),
    "note",
    anchored=False,
)
_TOLD = RowKind(((), (Field("text"),), (Field("text"),)), "effect", anchored=False)
_CHANGE: tuple[Part, ...] = (", position change ", RowLink(POSITIONS, "int"))
_SHOWN: tuple[Part, ...] = (", shown by snapshot ", RowLink(SNAPSHOTS, "int"))
_INVALID_LINE = RowKind(((RowLink(EVENTS, "int"),), ("not valid",), (Field("text"),)), "bad", anchored=False)
_DECISION = RowLink(DECISIONS, "int")


def _beside(about: str, *parts: Part) -> RowKind:
    return RowKind(((), (about,), parts), "effect", anchored=False)


def _neighbours(*parts: Part) -> RowKind:
    return _beside("same instance", *parts)


_EFFECT = {
    (has_row, is_shown): _beside("ledger", Field("text"), *has_row * _CHANGE, *is_shown * _SHOWN)
    for has_row in (False, True)
    for is_shown in (False, True)
}
_HELD = _beside("ledger", "open before and after: ", Field("text"))
_PROOF = _beside(
    "proof",
    "events ",
    RowLink(EVENTS, "int"),
    " to ",
    Field("int"),
    ", checked on their page, or by: replayglass prove SITE audit-events ",
    Field("int"),
    "; ",
    DocumentLink(DECISIONS, "raw JSON"),
)


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


def effect_line(text: str, change: int | None, snapshot: int | None) -> Row:
    """Return the line that says what the ledger was around an execution.

    ``change`` is the row of the change of a position, ``snapshot`` the one that shows it, None if there is none.
    """
    row = () if change is None else (change // POSITIONS.size, change, change)
    shown = () if snapshot is None else (snapshot // SNAPSHOTS.size, snapshot, snapshot)
    return Row(_EFFECT[(bool(row), bool(shown))], -1, (text, *row, *shown))


def held_line(words: str) -> Row:
    """Return the line that says which positions were open while nothing changed."""
    return Row(_HELD, -1, (words,))


def proof_line(number: int, first: int, last: int) -> Row:
    """Return the line that says where the events ``first`` to ``last`` of decision ``number`` can be checked."""
    return Row(_PROOF, -1, (first // EVENTS.size, first, first, last, first, number // DECISIONS.size))


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
