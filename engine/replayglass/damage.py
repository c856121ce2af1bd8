"""Records that cannot be used: what is wrong with one, where it stands, and how it is shown if it cannot be read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from replayglass.record import Position, Severity
from replayglass.row import Field, Raw, Row, RowKind

if TYPE_CHECKING:
    from replayglass.record import Batch
    from replayglass.row import Part


class Flaw(NamedTuple):
    """One thing wrong with a record. A ``fatal`` flaw means that the record cannot be replayed."""

    code: str
    severity: Severity
    message: str
    fatal: bool = False


class Unreadable(NamedTuple):
    """A line that is no JSON object at all."""

    code: str
    message: str


class Damage(NamedTuple):
    """One record of a page that could not be read (or is a torn tail), or could be read but is not valid."""

    seq: int
    line: int
    offset: int
    code: str


TOO_LONG = Unreadable(
    "ndjson.line-too-long", "The line is longer than the limit; its size and digest are in a finding."
)
"""What stands for a line that was not held in memory; its raw bytes are empty, and reading it gave a finding."""

TORN = Unreadable("ndjson.torn-tail", "the last line has no end yet; the writer may still be appending it")


def torn_place(batch: Batch) -> Position:
    """Return where the torn tail of ``batch`` stands, which is where the next record would: the finding says it."""
    finding = next(finding for finding in batch.findings if finding.code == TORN.code)
    return Position(batch.stream, batch.segment, finding.seq or 0, finding.line or 0, finding.offset or 0)


_WHERE: tuple[Part, ...] = (" in line ", Field("int"), ", byte ", Field("int"), ": ", Field("text"), " ")
INVALID: tuple[Part, ...] = ("not valid, not replayed, ", Field("code"), *_WHERE)
"""What is said of a JSON object that is no valid record: code, line, byte, message."""


@cache
def damaged_kind(parts: tuple[Part, ...], span: int) -> RowKind:
    """Return the one cell, ``span`` columns wide, that a damaged record is shown in."""
    return RowKind((parts,), "bad", span)


_UNREADABLE: tuple[Part, ...] = ("unreadable, ", Field("code"), *_WHERE, Raw())


def unreadable_row(place: Damage, item: Unreadable, raw: bytes | str, span: int) -> Row:
    """Return the row of a line that could not be read (or of a torn tail); ``raw`` is it, or the path of its blob."""
    kind = damaged_kind(_UNREADABLE, span)
    return Row(kind, place.seq, (place.code, place.line, place.offset, item.message, raw))
