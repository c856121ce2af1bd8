"""The lines of the two files as rows: as valid lines say it, or with what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from replayglass.damage import Damage, Unreadable, damaged_kind
from replayglass.domains.flow import pages
from replayglass.domains.flow.decode import Invalid
from replayglass.domains.flow.lines import DecisionLine, HeaderLine, IntentLine
from replayglass.row import Row
from replayglass.streamshelf import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from replayglass.domains.flow.lines import JournalLine
    from replayglass.record import Batch
    from replayglass.streamshelf import StreamShelf


def journal_row(executed: Mapping[int, int], seq: int, line: JournalLine, raw: bytes | str) -> Row:
    """Return the row of a valid line of the journal; ``raw`` is the line, or the path of its blob.

    ``executed`` says, by the number of a line, which beat it executed.
    """
    if isinstance(line, HeaderLine):
        return Row(pages.HEADER, seq, (line.version, line.rules, line.name or "no name", raw))
    if isinstance(line, IntentLine):
        return Row(pages.INTENT, seq, (line.beat, line.bucket, line.txn, _about(line.fields), raw))
    beat = executed.get(seq)
    if beat is None:
        return Row(pages.BEAT_AGAIN, seq, (line.beat, raw))
    return Row(pages.BEAT, seq, (beat // pages.BEATS.size, beat, line.beat, raw))


_NAMED = ("action", "signal_path", "id", "inst_id")


def _about(fields: Mapping[str, object]) -> str:
    """Return in short what an intent is about: what it names, in this order, where it is a text."""
    found = [value for name in _NAMED if isinstance(value := fields.get(name), str)]
    return " to ".join(found) or "nothing that it names"


def recorded_row(seq: int, line: DecisionLine, raw: bytes | str) -> Row:
    """Return the row of a valid line of the recorded ledger."""
    choice = line.cell.get("choice")
    said = choice if isinstance(choice, str) else ""
    return Row(pages.RECORD, seq, (line.beat, line.fate.value, line.site, line.instance, said, raw))


def piece_of(
    batch: Batch,
    items: Sequence[object],
    shelf: StreamShelf,
    row_of: Callable[[int, Any, bytes | str], Row],
    span: int,
) -> Piece:
    """Return a batch of lines as rows and records; ``span`` are the columns that a damaged line takes."""
    piece = Piece(span=span)
    for index, (item, raw) in enumerate(zip(items, batch.raws, strict=True)):
        place, blob = batch.position(index), shelf.blob(raw)
        if isinstance(item, Unreadable):
            piece.refuse(place, item, raw, blob)
            continue
        shown = raw if blob is None else blob.path
        if isinstance(item, Invalid):
            piece.invalid.append(Damage(place.seq, place.line, place.offset, item.code))
            values = (item.code, place.line, place.offset, item.message, shown)
            piece.rows.append(Row(damaged_kind(pages.INVALID, span), place.seq, values))
        else:
            piece.rows.append(row_of(place.seq, item, shown))
        piece.keep(place.seq, raw, blob)
    piece.tear(batch)
    return piece
